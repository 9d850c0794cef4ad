import type { Engine } from '../engine/index.ts';
import type { FeatureRows } from '../features/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Weights } from '../networks/index.ts';
import type { ClipInput } from './clip-window.ts';

/** A frozen network, or a formula, that turns a clip into features for what is trained on them. */
export interface ClipEncoder {
  readonly name: string;
  /** SPDX identifier of the terms that its weights came under. */
  readonly licence: string;
  /** Where it comes from, for people. */
  readonly source: string;
  /** Raise it whenever the same clip gives other numbers: cached features are then computed again. */
  readonly version: number;
  /** The features, block by block. */
  readonly blocks: readonly { readonly name: string; readonly width: number }[];
  /** Numbers of all blocks together. */
  readonly width: number;
  /**
   * Its input: the 193 × 87 features of a clip (all rows, or all but the tonnetz), or with 'samples' the samples of the
   * clip and of the second before it (see `windowOf`).
   */
  readonly needs: FeatureRows | 'samples';
  /** Whether it has weights, in models/pretrained/encoders/NAME.safetensors. */
  readonly hasWeights: boolean;
  /**
   * The encoder as part of a graph.
   * @param input [batch, 193, 87] or [batch, 66150], by `needs`
   * @param weights none where it has none
   * @returns [batch, width]
   * @throws SynestheteError OTHER_ARCHITECTURE when a weight is missing or of another shape
   */
  build(input: Tensor, weights: Weights): Tensor;
  /** @throws SynestheteError OTHER_ARCHITECTURE, ENGINE_FAILED */
  open(engine: Engine, weights: Weights): Promise<OpenClipEncoder>;
}

/** A clip encoder that is loaded. */
export interface OpenClipEncoder {
  /**
   * @param clip with features if the encoder needs them
   * @param window of the clip, see `windowOf`; the encoder keeps it, so it must not change
   * @returns [width]
   * @throws SynestheteError ENGINE_FAILED; RangeError for a clip without the features that are needed
   */
  encode(clip: ClipInput, window: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}
