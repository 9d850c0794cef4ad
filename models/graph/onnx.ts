import type { Graph } from './graph.ts';
import { BLOCKED_DOMAIN, runsInBlocks } from './blocked-convolution.ts';
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
/** Operators of the graph that are such an additional output of their input's operator. */
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
  domain?: string;
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

/** Collects the messages of one graph; stores equal constants from attributes once. */
class Encoder {
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];
  readonly #names = new Map<Tensor, string>();
  readonly #stored = new Map<string, string>();
  readonly #graph: Graph;
  readonly #block: number;

  constructor(graph: Graph, block: number) {
    this.#graph = graph;
    this.#block = block;
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
    // With momentum 0, the input running statistics do not affect the output ones.
    const attributes =
      operator === 'BatchNormalization'
        ? { ...node.attributes, momentum: 0, training_mode: 1 }
        : node.attributes;
    if (runsInBlocks(node, this.#graph, this.#block)) {
      this.#blockedConvolution(node);
      return;
    }
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

  /** A convolution on channels in blocks, whose kernel is [out channels / block, channels / block, …taps, block, block]. */
  #blockedConvolution({ inputs, attributes, output }: Node): void {
    const [x, w] = inputs as [Tensor, Tensor];
    const block = this.#block;
    const [outChannels, channels, ...kernel] = w.shape as [number, number, number, number];
    const part = (name: string): string => `${output.name}/${name}`;
    const add = (
      opType: string,
      input: string[],
      result: string,
      of: Node['attributes'],
      domain = '',
    ): void => {
      const attribute = Object.entries(of).map(([key, value]) => attributeMessage(key, value));
      this.nodes.push({ name: `${result}:${opType}`, opType, input, output: [result], attribute, domain });
    };
    const reshaped = (from: string, shape: Shape, result: string): void => {
      add('Reshape', [from, this.#initializer('shape', shape, w, {})], result, {});
    };
    reshaped(
      this.#nameOf(w),
      [outChannels / block, block, channels / block, block, ...kernel],
      part('split'),
    );
    add('Transpose', [part('split')], part('moved'), { perm: [0, 2, 4, 5, 3, 1] });
    reshaped(part('moved'), w.shape, part('kernel'));
    add('ReorderInput', [this.#nameOf(x)], part('x'), { channels_last: 0 }, BLOCKED_DOMAIN);
    add('Conv', [part('x'), part('kernel')], part('y'), attributes, BLOCKED_DOMAIN);
    const back = { channels: outChannels, channels_last: 0 };
    add('ReorderOutput', [part('y')], this.#nameOf(output), back, BLOCKED_DOMAIN);
  }

  #initializer(
    key: string,
    value: number | readonly number[],
    x: Tensor,
    attributes: Node['attributes'],
  ): string {
    // A backward range that includes the first element ends before it; a plain -1 would mean the last element.
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
 * The graph as the bytes of an ONNX model (opset 17). Inputs and outputs keep their names and static shapes; nodes that
 * no output depends on are left out.
 * @param options.block channels in a block of the cpu provider that will run it, to use its own operators; by default
 *   only standard operators
 */
export function toOnnx(graph: Graph, options: { block?: number } = {}): Uint8Array {
  const { block = 0 } = options;
  const { nodes, initializers } = new Encoder(graph.tunedFor === 'cpu' ? tuneForCpu(graph) : graph, block);
  return MODEL.encode({
    irVersion: IR_VERSION,
    producerName: 'synesthete',
    opsetImport: [
      { domain: '', version: OPSET },
      ...(block > 0 ? [{ domain: BLOCKED_DOMAIN, version: 1 }] : []),
    ],
    graph: {
      name: graph.name,
      node: nodes,
      initializer: initializers,
      input: [...graph.inputs.values()].map(({ name, dtype, shape }) => valueInfo(name, dtype, shape)),
      output: [...graph.outputs].map(([name, { dtype, shape }]) => valueInfo(name, dtype, shape)),
    },
  }).finish();
}

/**
 * A model of one operator, x [1, 4, 1, 1] → y: its channels padded to one block, in the cpu provider's blocked layout.
 */
export function blockProbe(): Uint8Array {
  const elemType = DATA_TYPES.float32;
  const x = valueInfo('x', 'float32', [1, 4, 1, 1]);
  return MODEL.encode({
    irVersion: IR_VERSION,
    producerName: 'synesthete',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: BLOCKED_DOMAIN, version: 1 },
    ],
    graph: {
      name: 'block',
      node: [
        {
          name: 'block',
          opType: 'ReorderInput',
          input: ['x'],
          output: ['y'],
          attribute: [attributeMessage('channels_last', 0)],
          domain: BLOCKED_DOMAIN,
        },
      ],
      input: [x],
      output: [{ name: 'y', type: { tensorType: { elemType } } }],
    },
  }).finish();
}
