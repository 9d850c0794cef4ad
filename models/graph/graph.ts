import { inferShape } from './shapes.ts';
import type { OperatorName } from './shapes.ts';
import { GraphError, describe, sizeOf } from './tensor.ts';
import type { Attributes, DType, GradientRule, Node, Shape, Tensor, Values } from './tensor.ts';

export type Hardware = 'cpu' | 'gpu';

interface OwnGradient {
  readonly sources: readonly Tensor[];
  readonly rule: GradientRule;
}

/**
 * A graph of standard operators over tensors of static shape. Nodes are kept in the order in which they were
 * made, which is a topological order, since a node's inputs exist before it does.
 */
export class Graph {
  readonly name: string;
  /** The hardware for which equivalent forms are chosen, such as those of a convolution's gradient. */
  readonly tunedFor: Hardware;
  readonly #nodes: Node[] = [];
  readonly #inputs = new Map<string, Tensor>();
  readonly #constants = new Map<Tensor, Values>();
  readonly #outputs = new Map<string, Tensor>();
  readonly #ownGradients = new Map<Tensor, OwnGradient>();
  readonly #names = new Set<string>();
  readonly #numbers = new Map<string, number>();
  readonly #scopes: string[] = [];
  readonly #scalars = new Map<string, Tensor>();

  constructor(name = 'graph', tunedFor: Hardware = 'cpu') {
    this.name = name;
    this.tunedFor = tunedFor;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  get inputs(): ReadonlyMap<string, Tensor> {
    return this.#inputs;
  }

  get constants(): ReadonlyMap<Tensor, Values> {
    return this.#constants;
  }

  get outputs(): ReadonlyMap<string, Tensor> {
    return this.#outputs;
  }

  /** A value that is fed at every run. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
    const tensor = this.#tensor(this.#claim(name), dtype, shape, null);
    this.#inputs.set(name, tensor);
    return tensor;
  }

  /**
   * A value that is stored in the graph.
   * @throws GraphError when the number of values is not that of the shape
   */
  constant(name: string, shape: Shape, values: Values): Tensor {
    if (values.length !== sizeOf(shape)) {
      throw new GraphError(
        `Constant "${name}": [${shape.join(', ')}] holds ${sizeOf(shape)} values, but ${values.length} were given`,
      );
    }
    const dtype =
      values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'bool';
    const tensor = this.#tensor(this.#claim(name), dtype, shape, null);
    this.#constants.set(tensor, values);
    return tensor;
  }

  /** A constant of no dimensions; the same number gives the same tensor. */
  scalar(value: number, dtype: 'float32' | 'int32' = 'float32'): Tensor {
    const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`;
    const known = this.#scalars.get(key);
    if (known) return known;
    const values = dtype === 'float32' ? Float32Array.of(value) : Int32Array.of(value);
    const tensor = this.constant(this.unusedName('scalar'), [], values);
    this.#scalars.set(key, tensor);
    return tensor;
  }

  /**
   * Applies an operator. The functions of operators.ts are the readable way to call this.
   * @throws GraphError when the shapes or types do not fit
   */
  apply(operator: OperatorName, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
    const name = this.unusedName([...this.#scopes, operator].join('/'));
    for (const input of inputs) {
      if (input.graph !== this) {
        throw new GraphError(
          `${name}: ${describe(input)} belongs to graph "${input.graph.name}", not "${this.name}"`,
        );
      }
    }
    const { dtype, shape } = inferShape(operator, name, inputs, attributes);
    const output = this.#tensor(this.#claim(name), dtype, shape, null);
    const node: Node = { operator, inputs, attributes, output };
    (output as { producer: Node | null }).producer = node;
    this.#nodes.push(node);
    return output;
  }

  /** Makes a tensor a result of the graph under this name. */
  output(name: string, tensor: Tensor): void {
    if (this.#outputs.has(name)) throw new GraphError(`Output "${name}" is defined twice`);
    if (tensor.graph !== this)
      throw new GraphError(`Output "${name}": ${describe(tensor)} is of another graph`);
    this.#outputs.set(name, tensor);
  }

  /** Names of nodes made inside `build` start with `scope/`, so that errors show the place. */
  within<T>(scope: string, build: () => T): T {
    this.#scopes.push(scope);
    try {
      return build();
    } finally {
      this.#scopes.pop();
    }
  }

  /**
   * Gives `tensor`, composed of several operators, its own gradient: backpropagation goes from it straight to
   * `sources`. For compositions whose gradient has a shorter or more stable form than the chain rule finds.
   */
  defineGradient(tensor: Tensor, sources: readonly Tensor[], rule: GradientRule): void {
    this.#ownGradients.set(tensor, { sources, rule });
  }

  ownGradientOf(tensor: Tensor): OwnGradient | undefined {
    return this.#ownGradients.get(tensor);
  }

  /** Nodes that some output depends on, in order. */
  liveNodes(): readonly Node[] {
    const live = new Set<Tensor>(this.#outputs.values());
    const nodes: Node[] = [];
    for (let i = this.#nodes.length - 1; i >= 0; i--) {
      const node = this.#nodes[i]!;
      if (!live.has(node.output)) continue;
      nodes.push(node);
      for (const input of node.inputs) live.add(input);
    }
    return nodes.reverse();
  }

  #tensor(name: string, dtype: DType, shape: Shape, producer: Node | null): Tensor {
    if (!shape.every((length) => Number.isInteger(length) && length > 0)) {
      throw new GraphError(`"${name}": a shape is made of whole numbers above 0, not [${shape.join(', ')}]`);
    }
    return { graph: this, name, dtype, shape: [...shape], producer };
  }

  #claim(name: string): string {
    if (this.#names.has(name)) throw new GraphError(`The name "${name}" is taken`);
    this.#names.add(name);
    return name;
  }

  /** The first of `stem_1`, `stem_2`, … that no tensor has. */
  unusedName(stem: string): string {
    let number = (this.#numbers.get(stem) ?? 0) + 1;
    while (this.#names.has(`${stem}_${number}`)) number++;
    this.#numbers.set(stem, number);
    return `${stem}_${number}`;
  }
}
