import type { Engine } from '../engine/index.ts';
import { SynestheteError } from '../errors.ts';
import { BEFORE_SAMPLES, type FeatureRows } from '../features/index.ts';
import { GraphError, concat, describe, slice } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Weights } from '../networks/index.ts';
import { featuresOfSamples } from '../networks/sound/index.ts';
import type { ClipEncoder, OpenClipEncoder } from './clip-encoder.ts';
import { WINDOW_SAMPLES, windowOf, type ClipInput } from './clip-window.ts';
import { FEATURE_STATISTICS } from './feature-statistics.ts';
import { MUSICNN } from './musicnn.ts';
import { encoderFingerprint, readEncoderWeights } from './weights.ts';

/** All clip encoders that this program knows. */
export const CLIP_ENCODERS: readonly ClipEncoder[] = [FEATURE_STATISTICS, MUSICNN];

/** @throws SynestheteError OTHER_ARCHITECTURE for a name that is not known */
function clipEncoder(name: string): ClipEncoder {
  const found = CLIP_ENCODERS.find((encoder) => encoder.name === name);
  if (found !== undefined) return found;
  const known = CLIP_ENCODERS.map((encoder) => encoder.name).join(', ');
  throw new SynestheteError(
    'OTHER_ARCHITECTURE',
    `the clip encoder ${name} is not known (this program has ${known}); use the version of synesthete that trained the model`,
  );
}

/** Loaded clip encoders; their features are concatenated. */
export interface OpenClipEncoders {
  readonly encoders: readonly ClipEncoder[];
  /** Numbers of each encoder, in the order of the names. */
  readonly widths: readonly number[];
  /** Numbers of all encoders together. */
  readonly width: number;
  /** The features that a clip must have. */
  readonly featureRows: FeatureRows | 'none';
  /** Names, versions and the SHA-256 of the weights: features of the same identity are the same, in a cache too. */
  readonly identity: string;
  /**
   * The features of a clip, of all encoders one after the other. Successive clips of one source are the cheapest:
   * musicnn then computes only what is new.
   * @throws SynestheteError ENGINE_FAILED; RangeError for a part of the clip of another length
   */
  encode(clip: ClipInput): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens encoders of clips for training and for serving.
 * @throws SynestheteError OTHER_ARCHITECTURE for an unknown name or weights that don't fit; BROKEN_INSTALL, ENGINE_FAILED
 */
export async function openClipEncoders(engine: Engine, names: readonly string[]): Promise<OpenClipEncoders> {
  const encoders = names.map(clipEncoder);
  const opened: OpenClipEncoder[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((encoder) => encoder.close()));
  };
  try {
    for (const encoder of encoders) opened.push(await encoder.open(engine, await weightsOf(encoder)));
  } catch (error) {
    await close();
    throw error;
  }
  const widths = encoders.map(({ width }) => width);
  const width = widths.reduce((sum, each) => sum + each, 0);
  return {
    encoders,
    widths,
    width,
    featureRows: rowsFor(encoders),
    identity: (await Promise.all(encoders.map(identityOf))).join(' '),
    async encode(clip) {
      const window = windowOf(clip);
      const features = new Float32Array(width);
      let at = 0;
      for (const encoder of opened) {
        const encoded = await encoder.encode(clip, window);
        features.set(encoded, at);
        at += encoded.length;
      }
      return features;
    },
    close,
  };
}

function rowsFor(encoders: readonly ClipEncoder[]): FeatureRows | 'none' {
  const needs = encoders.map((encoder) => encoder.needs);
  if (needs.includes('all')) return 'all';
  return needs.includes('without-tonnetz') ? 'without-tonnetz' : 'none';
}

async function weightsOf({ name, hasWeights }: ClipEncoder): Promise<Weights> {
  return hasWeights ? readEncoderWeights(name) : {};
}

async function identityOf({ name, version, hasWeights }: ClipEncoder): Promise<string> {
  return `${name}/${version}${hasWeights ? `/${await encoderFingerprint(name)}` : ''}`;
}

/** A clip encoder with its weights, to build graphs of. */
export interface LoadedClipEncoder {
  readonly encoder: ClipEncoder;
  readonly weights: Weights;
}

/** @throws SynestheteError OTHER_ARCHITECTURE for an unknown name; BROKEN_INSTALL */
export function loadClipEncoders(names: readonly string[]): Promise<LoadedClipEncoder[]> {
  return Promise.all(
    names.map(async (name) => ({ encoder: clipEncoder(name), weights: await weightsOf(clipEncoder(name)) })),
  );
}

/**
 * All encoders in one graph, starting from samples: what `OpenClipEncoders.encode` gives, within the accuracy of the
 * features as a graph (see `featuresOfSamples`).
 * @param samples [batch, 66150]: a clip with the second before it, mono, 22,050 Hz, full scale ±1; zeros where there was no
 *   sound yet
 * @returns [batch, the widths of the encoders together]
 * @throws GraphError when the samples have another shape; SynestheteError OTHER_ARCHITECTURE for weights that don't fit
 */
export function encodeSamples(samples: Tensor, loaded: readonly LoadedClipEncoder[]): Tensor {
  if (samples.shape.length !== 2 || samples.shape[1] !== WINDOW_SAMPLES) {
    throw new GraphError(`Clip encoders: ${describe(samples)} must be [batch, ${WINDOW_SAMPLES}]`);
  }
  let features: Tensor | undefined;
  const featuresOfClip = (): Tensor =>
    (features ??= featuresOfSamples(
      slice(samples, [{ axis: 1, start: BEFORE_SAMPLES, end: WINDOW_SAMPLES }]),
    ));
  return concat(
    loaded.map(({ encoder, weights }) =>
      samples.graph.within(encoder.name, () =>
        encoder.build(encoder.needs === 'samples' ? samples : featuresOfClip(), weights),
      ),
    ),
    1,
  );
}
