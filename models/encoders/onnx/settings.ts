import { z } from 'zod';
import { sha256 } from '../../checksum.ts';
import { PICTURE_SQUARE } from '../encoder.ts';

/** Pixels on a side that an ONNX encoder may take. */
export const LEAST_SIDE = 16;
export const MOST_SIDE = 1024;

/** More numbers a picture than the pooled output of any encoder: an output this large is not pooled. */
export const MOST_FEATURES = 8192;

/** The largest fixed batch that a network may take. */
export const MOST_TOGETHER = 64;

const side = z.int().min(LEAST_SIDE).max(MOST_SIDE);
const ofColours = (value: z.ZodNumber) => z.array(value).length(3);

/**
 * How an output becomes features: `none`, [batch, width] as it is; `mean` of all tokens [batch, tokens, width], or over the
 * plane of a map (in the layout of the input); `first`, the first token alone.
 */
const POOLINGS = ['none', 'mean', 'first'] as const;

export const LAYOUTS = ['nchw', 'nhwc'] as const;

/** A picture encoder in an ONNX file of another program: everything that its features depend on. */
export const onnxEncoderSchema = z.strictObject({
  /** SHA-256 of the file, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  input: z.strictObject({
    name: z.string().min(1),
    /** Takes bytes unchanged. */
    type: z.enum(['float32', 'uint8']),
    layout: z.enum(LAYOUTS),
    width: side,
    height: side,
    /** Pictures in a run: 1 when their number is free. */
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
 * Pixels on a side of the square that pictures are squashed to for all encoders of a model: the bundled ones' square,
 * or a larger one when an ONNX encoder takes more pixels. Encoders that take fewer get the square resized.
 */
export function pictureSquare(onnx: OnnxEncoderSettings | undefined): number {
  return Math.max(PICTURE_SQUARE, onnx?.input.width ?? 0, onnx?.input.height ?? 0);
}
