import type { Graph } from './graph.ts';
import { MODEL } from './onnx-schema.ts';
import type { DType, Node, Shape, Tensor, Values } from './tensor.ts';
import { tuneForCpu } from './tuning.ts';

/** The opset whose operators the graph uses, and the version of the file format. */
const OPSET = 17;
const IR_VERSION = 8;

const DATA_TYPES: Readonly<Record<DType | 'int64', number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const FLOAT_ATTRIBUTE = 1;
const INT_ATTRIBUTE = 2;
const INTS_ATTRIBUTE = 7;

/** Attributes which ONNX takes as extra inputs, in its order. */
const ATTRIBUTES_AS_INPUTS: Readonly<Partial<Record<Node['operator'], readonly string[]>>> = {
  ReduceSum: ['axes'],
  Reshape: ['shape'],
  Expand: ['shape'],
  Slice: ['starts', 'ends', 'axes', 'steps'],
  Pad: ['pads', 'value'],
  Clip: ['min', 'max'],
  TopK: ['k'],
};

/** Outputs which ONNX has beside the first. */
const FURTHER_OUTPUTS: Readonly<Partial<Record<Node['operator'], readonly string[]>>> = {
  TopK: ['indices'],
  BatchNormalization: ['mean', 'variance'],
};
/** Operators of the graph that are such an output of what they are applied to. */
const AS_OUTPUTS: Readonly<Partial<Record<Node['operator'], string>>> = {
  BatchMean: 'mean',
  BatchVariance: 'variance',
};
const FLOAT_ATTRIBUTES: readonly string[] = ['epsilon', 'momentum'];

interface AttributeMessage {
  name: string;
  type: number;
  f?: number;
  i?: number;
  ints?: readonly number[];
}

interface NodeMessage {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: AttributeMessage[];
}

interface TensorMessage {
  name: string;
  dims: Shape;
  dataType: number;
  rawData: Uint8Array;
}

function bytesOf(values: Values | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function valueInfo(name: string, dtype: DType, shape: Shape): object {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: DATA_TYPES[dtype], shape: { dim } } } };
}

/** Collects the messages of one graph; constants that come from attributes are stored once for each content. */
class Encoder {
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];
  readonly #names = new Map<Tensor, string>();
  readonly #stored = new Map<string, string>();

  constructor(graph: Graph) {
    // A second name of a value, or an output that is an input or a constant, is a copy at the end.
    const copies: NodeMessage[] = [];
    for (const [name, tensor] of graph.outputs) {
      if (tensor.producer && !this.#names.has(tensor)) this.#names.set(tensor, name);
      else
        copies.push({
          name,
          opType: 'Identity',
          input: [this.#nameOf(tensor)],
          output: [name],
          attribute: [],
        });
    }
    const used = new Set<Tensor>(graph.outputs.values());
    for (const node of graph.liveNodes()) {
      for (const input of node.inputs) used.add(input);
      this.#node(node);
    }
    for (const [tensor, values] of graph.constants) {
      if (!used.has(tensor)) continue;
      const dataType = DATA_TYPES[tensor.dtype];
      this.initializers.push({ name: tensor.name, dims: tensor.shape, dataType, rawData: bytesOf(values) });
    }
    this.nodes.push(...copies);
  }

  #nameOf(tensor: Tensor): string {
    return this.#names.get(tensor) ?? tensor.name;
  }

  #node(node: Node): void {
    const { operator, inputs, output } = node;
    const part = AS_OUTPUTS[operator];
    if (part !== undefined) {
      const name = `${inputs[0]!.name}/${part}`;
      if (this.#names.has(output))
        this.nodes.push({ name: output.name, opType: 'Identity', input: [name], output: [this.#nameOf(output)], attribute: [] }); // prettier-ignore
      else this.#names.set(output, name);
      return;
    }
    // At a momentum of 0 the running statistics that go in have no part in those that come out.
    const attributes =
      operator === 'BatchNormalization'
        ? { ...node.attributes, momentum: 0, training_mode: 1 }
        : node.attributes;
    const moved = ATTRIBUTES_AS_INPUTS[operator] ?? [];
    this.nodes.push({
      name: output.name,
      opType: operator,
      input: [
        ...inputs.map((input) => this.#nameOf(input)),
        ...moved.map((key) =>
          this.#initializer(key, attributes[key] as number | readonly number[], inputs[0]!, attributes),
        ),
      ],
      output: [
        this.#nameOf(output),
        ...(FURTHER_OUTPUTS[operator] ?? []).map((further) => `${output.name}/${further}`),
      ],
      attribute: Object.entries(attributes).flatMap(([key, value]) =>
        moved.includes(key) ? [] : [attributeMessage(key, value)],
      ),
    });
  }

  #initializer(
    key: string,
    value: number | readonly number[],
    x: Tensor,
    attributes: Node['attributes'],
  ): string {
    // The end of a range that runs backwards to the first element lies before it; a plain -1 would mean the last.
    const axes = attributes['axes'] as readonly number[];
    const list =
      typeof value === 'number' || key !== 'ends'
        ? value
        : value.map((end, i) => (end === -1 ? -x.shape[axes[i]!]! - 1 : end));
    const id = typeof list === 'number' ? `float ${list}` : `ints ${list.join(' ')}`;
    const known = this.#stored.get(id);
    if (known !== undefined) return known;
    this.#stored.set(id, id);
    this.initializers.push(
      typeof list === 'number'
        ? { name: id, dims: [], dataType: DATA_TYPES.float32, rawData: bytesOf(Float32Array.of(list)) }
        : {
            name: id,
            dims: [list.length],
            dataType: DATA_TYPES.int64,
            rawData: bytesOf(BigInt64Array.from(list, (number) => BigInt(number))),
          },
    );
    return id;
  }
}

function attributeMessage(name: string, value: number | string | readonly number[]): AttributeMessage {
  if (typeof value === 'string') return { name, type: INT_ATTRIBUTE, i: DATA_TYPES[value as DType] };
  if (typeof value === 'number') {
    return FLOAT_ATTRIBUTES.includes(name)
      ? { name, type: FLOAT_ATTRIBUTE, f: value }
      : { name, type: INT_ATTRIBUTE, i: value };
  }
  return { name, type: INTS_ATTRIBUTE, ints: value };
}

/**
 * The graph as the bytes of an ONNX model (opset 17, standard operators only). Inputs and outputs keep their names
 * and static shapes; nodes that no output depends on are left out.
 */
export function toOnnx(graph: Graph): Uint8Array {
  const { nodes, initializers } = new Encoder(graph.tunedFor === 'cpu' ? tuneForCpu(graph) : graph);
  return MODEL.encode({
    irVersion: IR_VERSION,
    producerName: 'synesthete',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: graph.name,
      node: nodes,
      initializer: initializers,
      input: [...graph.inputs.values()].map(({ name, dtype, shape }) => valueInfo(name, dtype, shape)),
      output: [...graph.outputs].map(([name, { dtype, shape }]) => valueInfo(name, dtype, shape)),
    },
  }).finish();
}
