import type { Prediction } from '../../models/model/index.ts';
import type { EvaluationFindings } from '../../src/report/evaluation/index.ts';
import { formulaModel } from './formula-model.ts';

/** Numbers in [0, 1) that look random and are always the same. */
function hashed(i: number): number {
  const mixed = Math.imul(i + 1, 0x9e3779b1) ^ 0x5bd1e995;
  const again = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return ((again ^ (again >>> 13)) >>> 0) / 2 ** 32;
}

/** Numbers of an embedding: few, for a hundred thousand of them. */
const WIDTH = 16;

function item(name: string, seed: number) {
  const label = { valence: hashed(seed), arousal: hashed(seed + 0x10000000) };
  const off = (i: number) => 0.3 * (hashed(seed + i * 0x1000000) - 0.5);
  const embedding = Float32Array.from({ length: WIDTH }, (_, i) => off(i + 2));
  embedding[0] = label.valence;
  embedding[1] = label.arousal;
  const prediction: Prediction = {
    embedding,
    valence: label.valence + off(20),
    arousal: label.arousal + off(21),
    valenceSd: 0.09,
    arousalSd: 0.09,
  };
  return { name, label, prediction };
}

/**
 * What a report of an evaluation is made of, by formula instead of by a model: ratings all over the plane, readings up to
 * 0.15 off, embeddings that hold the ratings beside other things.
 *
 * @param pictureOf the file of each picture; @param songOf and that of each song, of three clips
 */
export function formulaFindings(
  { pictures, songs }: { readonly pictures: number; readonly songs: number },
  pictureOf: (i: number) => string = (i) => `/formula/pictures/p${i}.jpg`,
  songOf: (i: number) => string = (i) => `/formula/music/s${i}.wav`,
): EvaluationFindings {
  const rating = {
    mse: 0.01,
    mae: 0.08,
    constantMse: 0.08,
    constantMae: 0.24,
    r2: 0.87,
    rankCorrelation: 0.9,
  };
  const side = (n: number) => ({ valence: { n, ...rating }, arousal: { n, ...rating } });
  const images = Array.from({ length: pictures }, (_, i) => item(pictureOf(i), i));
  const clips = Array.from({ length: 3 * songs }, (_, i) => ({
    ...item(songOf(Math.floor(i / 3)), 5_000_000 + i),
    startSeconds: 2 * (i % 3),
  }));
  const hasPairs = pictures > 0 && songs > 0;
  return {
    model: formulaModel(),
    figures: {
      n: {
        images: pictures,
        clips: 3 * songs,
        pairs: pictures * 3 * songs,
        withBoth: { images: pictures, clips: 3 * songs },
      },
      image: pictures === 0 ? null : side(pictures),
      music: songs === 0 ? null : side(3 * songs),
      retrieval: hasPairs
        ? { top1Distance: 0.2, top5Distance: 0.2, top12Distance: 0.2, oracleDistance: 0.1, randomDistance: 0.5, gapClosed: 0.75 } // prettier-ignore
        : null,
    },
    printed: [
      'figures by formula',
      [
        ['', 'MSE', 'constant'],
        ['picture valence', '0.0100', '0.0800'],
      ],
    ],
    pictures: images,
    clips,
    firsts: hasPairs ? clips.map((_, i) => Math.floor(hashed(i) * pictures)) : [],
    of: { split: 'test', images: 'I.csv', music: 'M.csv', inSample: [] },
    date: '2026-01-02T00:00:00.000Z',
  };
}
