import { inferenceLayers } from '../networks/index.ts';
import type { ClipEncoder } from './clip-encoder.ts';
import { MUSICNN_CHANNELS, MUSICNN_PENULTIMATE, musicnnFeatures } from './musicnn-network.ts';
import { musicnnPatch } from './musicnn-patch.ts';
import { MusicnnStream, joinedOutputs } from './musicnn-stream.ts';

/**
 * musicnn, trained on 50 tags of the Million Song Dataset. It hears the last 2.92 s. Its frames lie 250 samples apart
 * at 16 kHz, in the original 256; see `musicnnPatch`.
 */
export const MUSICNN: ClipEncoder = {
  name: 'musicnn',
  licence: 'ISC',
  source: 'Python package musicnn 0.1.0, its checkpoint MSD_musicnn (Music Technology Group, UPF)',
  version: 1,
  blocks: [
    { name: 'penultimate', width: MUSICNN_PENULTIMATE },
    { name: 'mean', width: MUSICNN_CHANNELS },
    { name: 'max', width: MUSICNN_CHANNELS },
  ],
  width: MUSICNN_PENULTIMATE + 2 * MUSICNN_CHANNELS,
  needs: 'samples',
  hasWeights: true,
  build: (samples, weights) =>
    joinedOutputs(musicnnFeatures(inferenceLayers(samples.graph, weights), musicnnPatch(samples))),
  async open(engine, weights) {
    const stream = await MusicnnStream.open(engine, weights);
    return { encode: (_, window) => stream.encode(window), close: () => stream.close() };
  },
};
