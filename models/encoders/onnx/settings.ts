import { z } from 'zod';
import { sha256 } from '../../checksum.ts';
import { PICTURE_SQUARE } from '../encoder.ts';

/** Pixels on a side that an ONNX encoder may look at. */
export const LEAST_SIDE = 16;
export const MOST_SIDE = 1024;

/** More numbers a picture than any encoder's pooled output has; whoever meets it has an output that is not pooled. */
export const MOST_FEATURES = 8192;

/** Pictures that a network may take at once, where it takes a fixed number. */
export const MOST_TOGETHER = 64;

const side = z.int().min(LEAST_SIDE).max(MOST_SIDE);
const ofColours = (value: z.ZodNumber) => z.array(value).length(3);

/**
 * How an output becomes features: `none`, [batch, width] as it is; `mean` of all tokens [batch, tokens, width], or over the
 * plane of a map (in the layout of the input); `first`, the first token alone.
 */
const POOLINGS = ['none', 'mean', 'first'] as const;

export const LAYOUTS = ['nchw', 'nhwc'] as const;

/** A picture encoder that is an ONNX file of another program: all that its features depend on. */
export const onnxEncoderSchema = z.strictObject({
  /** Of the file, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  input: z.strictObject({
    name: z.string().min(1),
    /** Bytes are fed as they are. */
    type: z.enum(['float32', 'uint8']),
    layout: z.enum(LAYOUTS),
    width: side,
    height: side,
    /** Pictures in a run: 1 where their number is free. */
    batch: z.int().min(1).max(MOST_TOGETHER),
    colours: z.enum(['rgb', 'bgr']),
    /** Red, green and blue on [0, 1]: a network is fed (value − mean) / deviation. */
    mean: ofColours(z.number().min(0).max(1)),
    deviation: ofColours(z.number().positive().max(1)),
  }),
  output: z.strictObject({
    name: z.string().min(1),
    pooling: z.enum(POOLINGS),
    /** Features of a picture. */
    width: z.int().min(2).max(MOST_FEATURES),
  }),
});

export type OnnxEncoderSettings = z.infer<typeof onnxEncoderSchema>;

/** Features of the same identity are the same. */
export function onnxEncoderIdentity(settings: OnnxEncoderSettings): string {
  return `onnx/${sha256(JSON.stringify(onnxEncoderSchema.parse(settings)))}`;
}

/**
 * Pixels on a side of the square that pictures are squashed to for all encoders of a model: that of the bundled ones, or a
 * larger one for an ONNX encoder that looks at more. Encoders that look at fewer are given the square made smaller.
 */
export function pictureSquare(onnx: OnnxEncoderSettings | undefined): number {
  return Math.max(PICTURE_SQUARE, onnx?.input.width ?? 0, onnx?.input.height ?? 0);
}
