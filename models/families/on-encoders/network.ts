import type { Tensor } from '../../graph/index.ts';
import { moodOf, prefixed, unitRows } from '../../networks/index.ts';
import type { Layers, SystemSettings } from '../../networks/index.ts';
import type { CdcmlSettings } from './settings.ts';

/** A branch's projection into the shared space: x [batch, size] to embeddings [batch, width] of length 1. */
export function project(layers: Layers, side: 'image' | 'music', x: Tensor, width: number): Tensor {
  return unitRows(prefixed(layers, `${side}.`).linear(x, 'fc', width));
}

/** Settings for the predictors of `models/networks`. */
export function systemOf(settings: CdcmlSettings): SystemSettings {
  return {
    system: 'cdcml',
    imageBackbone: 'resnet50',
    imageFrozen: true,
    imageFeatures: settings.picture.components,
    imageSize: 0,
    normalisation: 'none',
    embedding: settings.embedding,
    unitLength: true,
    width: 0,
    similarityHidden: settings.similarityHidden,
    moodHidden: settings.moodHidden,
    dropout: settings.dropout,
    predictsSimilarity: true,
    moods: 'shared',
  };
}

/** Valence and arousal [batch, 2] of embeddings. */
export function moodOfEmbedding(layers: Layers, embedding: Tensor, settings: CdcmlSettings): Tensor {
  return moodOf(layers, embedding, 'picture', systemOf(settings));
}
