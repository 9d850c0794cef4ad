import { MODEL } from './onnx-schema.ts';

/** Names of ONNX's element types by their numbers, for inputs and outputs of networks. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  16: 'bfloat16',
};

/** What an ONNX file declares about an input or output. */
export interface OnnxValue {
  readonly name: string;
  /** As `float32`; `type 17` for one without a name here. */
  readonly type: string;
  /**
   * The length of each axis; for a free one its name, or null without a name. Undefined when the file gives no shape.
   */
  readonly shape: readonly (number | string | null)[] | undefined;
}

/** What an ONNX file declares about itself. */
export interface OnnxHeader {
  /** The inputs to feed, without the weights, which older files list among the inputs. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Names of the files that hold weights beside it. */
  readonly externalFiles: readonly string[];
}

interface Entry {
  readonly key: string;
  readonly value: string;
}

/** Decoded messages: fields that a file leaves out are null, empty or 0. */
interface ValueMessage {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      /** `dimValue` is 0 when absent, and an object for 64-bit numbers. */
      readonly shape: {
        readonly dim: readonly { readonly dimValue: unknown; readonly dimParam: string }[];
      } | null;
    } | null;
  } | null;
}

interface ModelMessage {
  readonly metadataProps: readonly Entry[];
  readonly graph: {
    readonly initializer: readonly { readonly name: string; readonly externalData: readonly Entry[] }[];
    readonly input: readonly ValueMessage[];
    readonly output: readonly ValueMessage[];
  } | null;
}

function valueOf({ name, type }: ValueMessage): OnnxValue {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  return {
    name,
    type: TYPES[elemType] ?? `type ${elemType}`,
    shape: shape?.dim.map(({ dimValue, dimParam }) => {
      const length = Number(dimValue);
      return length > 0 ? length : dimParam === '' ? null : dimParam;
    }),
  };
}

/**
 * Reads the header of an ONNX file; checks and runs nothing.
 * @returns undefined for a file that is not ONNX
 */
export function readOnnxHeader(bytes: Uint8Array): OnnxHeader | undefined {
  let model: ModelMessage;
  try {
    model = MODEL.decode(bytes) as unknown as ModelMessage;
  } catch {
    return undefined;
  }
  const { graph, metadataProps } = model;
  if (graph === null || graph.output.length === 0) return undefined;
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const external = graph.initializer.flatMap(({ externalData }) =>
    externalData.flatMap(({ key, value }) => (key === 'location' ? [value] : [])),
  );
  return {
    inputs: graph.input.filter(({ name }) => !weights.has(name)).map(valueOf),
    outputs: graph.output.map(valueOf),
    metadata: new Map(metadataProps.map(({ key, value }) => [key, value])),
    externalFiles: [...new Set(external)],
  };
}
