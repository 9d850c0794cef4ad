import {
  Graph,
  conv,
  mul,
  reduceMean,
  relu,
  reshape,
  toOnnx,
  transpose,
  type Tensor,
  ONNX_MODEL,
} from '../../models/graph/index.ts';

/** Features of a picture. */
export const WIDTH = 12;

/** Taps of the one convolution, which also is its stride. */
const TAPS = 8;

export interface OnnxForm {
  readonly layout?: 'nchw' | 'nhwc';
  /** Pixels on a side that the file was made with. */
  readonly size?: number;
  /** Pictures at once; 0 leaves them free. */
  readonly batch?: number;
  /** The file tells no size. */
  readonly isFreeSize?: boolean;
  /** The file names no axis either. */
  readonly isNameless?: boolean;
  readonly channels?: number;
  /** `pooled` [batch, 12]; `tokens` [batch, places, 12]; `map` in the layout of the input; `row` [12]. */
  readonly outputs?: readonly (readonly [
    name: string,
    form: 'pooled' | 'tokens' | 'map' | 'row' | 'constant',
  ])[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the features are multiplied with. */
  readonly gain?: number;
  /** Type of the input in the file: of ONNX. */
  readonly inputType?: number;
  /** It takes bytes, on 0 to 255. */
  readonly isBytes?: boolean;
  /** File that the weights are said to lie in. */
  readonly external?: string;
}

interface Editable {
  metadataProps: object[];
  graph: {
    node: { opType: string; input: string[]; output: string[]; attribute: object[] }[];
    input: { type: { tensorType: { elemType: number; shape: { dim: object[] } } } }[];
    output: { type: { tensorType: { shape: { dim: object[] } | null } } }[];
    initializer: { externalData: object[]; dataLocation: number }[];
  };
}

/** A convolution by formula, relu, and a mean, as an ONNX file of another program might hold them. */
export function onnxEncoder(form: OnnxForm = {}): Uint8Array {
  const { layout = 'nchw', size = 32, batch = 1, channels = 3, outputs = [['features', 'pooled']] } = form;
  const graph = new Graph('encoder');
  const count = Math.max(1, batch);
  const shape = layout === 'nchw' ? [count, channels, size, size] : [count, size, size, channels];
  const x = graph.input('pictures', shape);
  const taps = Float32Array.from({ length: WIDTH * channels * TAPS ** 2 }, (_, i) => Math.sin(i * i) / TAPS);
  const weight = graph.constant('weight', [WIDTH, channels, TAPS, TAPS], taps);
  const map = relu(
    conv(layout === 'nchw' ? x : transpose(x, [0, 3, 1, 2]), weight, { strides: [TAPS, TAPS] }),
  );
  for (const [name, kind] of outputs) graph.output(name, mul(outputOf(map, kind, layout), form.gain ?? 1));
  const model = ONNX_MODEL.decode(toOnnx(graph)) as unknown as Editable;
  const input = model.graph.input[0]!.type.tensorType;
  const sides = layout === 'nchw' ? ['', '', 'height', 'width'] : ['', 'height', 'width', ''];
  input.shape.dim.forEach((_, axis) => {
    const isSide = sides[axis] !== '';
    if (form.isNameless === true) input.shape.dim[axis] = {};
    else if (axis === 0 && batch === 0) input.shape.dim[axis] = { dimParam: 'batch' };
    else if (isSide && form.isFreeSize === true) input.shape.dim[axis] = { dimParam: sides[axis] };
  });
  // With free lengths before them, exporters don't tell those of outputs.
  for (const { type } of model.graph.output) type.tensorType.shape = null;
  if (form.inputType !== undefined) input.elemType = form.inputType;
  if (form.isBytes === true) {
    input.elemType = 2;
    for (const node of model.graph.node) {
      node.input = node.input.map((name) => (name === 'pictures' ? 'floats' : name));
    }
    const attribute = [{ name: 'to', type: 2, i: 1 }];
    model.graph.node.unshift({ opType: 'Cast', input: ['pictures'], output: ['floats'], attribute });
  }
  model.metadataProps = Object.entries(form.metadata ?? {}).map(([key, value]) => ({ key, value }));
  if (form.external !== undefined) {
    const [first] = model.graph.initializer;
    first!.dataLocation = 1;
    first!.externalData = [{ key: 'location', value: form.external }];
  }
  return ONNX_MODEL.encode(model).finish();
}

function outputOf(map: Tensor, kind: string, layout: 'nchw' | 'nhwc'): Tensor {
  const [batch, width, height, across] = map.shape as [number, number, number, number];
  switch (kind) {
    case 'tokens':
      return transpose(reshape(map, [batch, width, height * across]), [0, 2, 1]);
    case 'map':
      return layout === 'nchw' ? map : transpose(map, [0, 2, 3, 1]);
    case 'row':
      return reshape(reduceMean(map, [2, 3]), [batch * width]);
    case 'constant':
      return mul(reduceMean(map, [2, 3]), 0);
    default:
      return reduceMean(map, [2, 3]);
  }
}
