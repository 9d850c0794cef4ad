import { FEATURE_GROUPS, FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';
import {
  add,
  cast,
  concat,
  div,
  equal,
  log,
  matmul,
  maximum,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  type Tensor,
} from '../graph/index.ts';

/** To be raised whenever the same clip would give other numbers: what was cached is then computed anew. */
export const CLIP_STATISTICS_VERSION = 1;

const PITCHES = 12;
/** Lags of the rhythm, in frames of 23 ms: 93 ms to 1 s. */
const FIRST_LAG = 4;
const END_LAG = 44;
const LAG_STEP = 2;

/** The blocks of a clip's statistics, in their order. Distances are taken block by block and then weighted. */
export const CLIP_BLOCKS = [
  /** Mean and standard deviation over time of the 193 rows, mel in dB. */
  { name: 'levels', width: 2 * FEATURE_ROWS },
  /** Standard deviation of the differences between a frame and the next, and the fourth after it. */
  { name: 'changes', width: 2 * FEATURE_ROWS },
  /** Onset strength (mean, deviation, log of its maximum), its autocorrelation and the highest value of that. */
  { name: 'rhythm', width: 3 + (END_LAG - FIRST_LAG) / LAG_STEP + 1 },
  /** How well the best major and the best minor key fit, the chroma from the best tonic on, how even the chroma is. */
  { name: 'key', width: 3 + PITCHES + 2 },
] as const;

export const CLIP_STATISTICS = CLIP_BLOCKS.reduce((sum, { width }) => sum + width, 0);

/** Krumhansl and Kessler (1982): how well each pitch class fits a major key, and a minor one, from the tonic on. */
const MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR = [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];
const KEYS = 2 * PITCHES;

/** 10 log₁₀ of the least power that is told from silence is −100 dB. */
const LEAST_POWER = 1e-10;
const DECIBELS = 10 / Math.LN10;

/**
 * What the regression knows of clips, as part of a graph.
 *
 * @param features [batch, 193, 87]
 * @returns [batch, CLIP_STATISTICS], block by block
 */
export function clipStatistics(features: Tensor): Tensor {
  const mel = mul(log(maximum(groupOf(features, 'mel'), LEAST_POWER)), DECIBELS);
  const chroma = groupOf(features, 'chroma');
  const rows = concat(
    [groupOf(features, 'mfcc'), chroma, mel, groupOf(features, 'contrast'), groupOf(features, 'tonnetz')],
    1,
  );
  return concat([...levels(rows), ...changes(rows), ...rhythm(mel), ...key(chroma)], 1);
}

function groupOf(features: Tensor, name: (typeof FEATURE_GROUPS)[number]['name']): Tensor {
  const { first, rows } = FEATURE_GROUPS.find((candidate) => candidate.name === name)!;
  return slice(features, [{ axis: 1, start: first, end: first + rows }]);
}

/** The biased standard deviation along the last axis, which goes. */
function deviation(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  return sqrt(reduceMean(square(sub(x, reduceMean(x, [last], true))), [last]));
}

function levels(rows: Tensor): Tensor[] {
  return [reduceMean(rows, [2]), deviation(rows)];
}

function changes(rows: Tensor): Tensor[] {
  return [1, 4].map((lag) =>
    deviation(
      sub(
        slice(rows, [{ axis: 2, start: lag, end: FRAME_COUNT }]),
        slice(rows, [{ axis: 2, start: 0, end: FRAME_COUNT - lag }]),
      ),
    ),
  );
}

function rhythm(mel: Tensor): Tensor[] {
  const frames = FRAME_COUNT - 1;
  const later = slice(mel, [{ axis: 2, start: 1, end: FRAME_COUNT }]);
  const onset = reduceMean(relu(sub(later, slice(mel, [{ axis: 2, start: 0, end: frames }]))), [1]);
  const mean = reduceMean(onset, [1], true);
  const centred = sub(onset, mean);
  const correlation = (lag: number): Tensor =>
    reduceSum(
      mul(
        slice(centred, [{ axis: 1, start: lag, end: frames }]),
        slice(centred, [{ axis: 1, start: 0, end: frames - lag }]),
      ),
      [1],
      true,
    );
  const power = add(correlation(0), 1e-6);
  const correlations = Array.from({ length: END_LAG - FIRST_LAG }, (_, i) =>
    div(correlation(FIRST_LAG + i), power),
  );
  return [
    mean,
    sqrt(reduceMean(square(centred), [1], true)),
    log(add(reduceMax(onset, [1], true), 1e-3)),
    ...correlations.filter((_, i) => i % LAG_STEP === 0),
    reduceMax(concat(correlations, 1), [1], true),
  ];
}

function key(chroma: Tensor): Tensor[] {
  const { graph } = chroma;
  const batch = chroma.shape[0]!;
  const profile = reduceMean(chroma, [2]);
  const centred = sub(profile, reduceMean(profile, [1], true));
  const length = sqrt(reduceSum(square(centred), [1], true));

  const profiles = graph.constant('key profiles', [PITCHES, KEYS], keyProfiles());
  const fits = div(matmul(centred, profiles), add(length, 1e-6));
  const best = (first: number): Tensor =>
    reduceMax(slice(fits, [{ axis: 1, start: first, end: first + PITCHES }]), [1], true);
  const [major, minor] = [best(0), best(PITCHES)];

  // Usually one key; the mean of them where several fit alike.
  const chosen = cast(equal(fits, maximum(major, minor)), 'float32');
  const shares = div(chosen, reduceSum(chosen, [1], true));
  const rotations = graph.constant('rotations', [PITCHES, KEYS * PITCHES], keyRotations());
  const rotated = reshape(matmul(centred, rotations), [batch, KEYS, PITCHES]);
  const fromTonic = reduceSum(mul(rotated, reshape(shares, [batch, KEYS, 1])), [1]);

  const spread = sqrt(reduceMean(square(centred), [1], true));
  return [major, minor, sub(major, minor), fromTonic, spread, entropy(chroma)];
}

/** Column k: the centred profile, of length 1, of the key on tonic k mod 12; major keys first. */
function keyProfiles(): Float32Array {
  const values = new Float32Array(PITCHES * KEYS);
  [MAJOR, MINOR].forEach((profile, mode) => {
    const mean = profile.reduce((sum, value) => sum + value, 0) / PITCHES;
    const length = Math.hypot(...profile.map((value) => value - mean));
    for (let tonic = 0; tonic < PITCHES; tonic++) {
      for (let step = 0; step < PITCHES; step++) {
        const pitch = (tonic + step) % PITCHES;
        values[pitch * KEYS + mode * PITCHES + tonic] = (profile[step]! - mean) / length;
      }
    }
  });
  return values;
}

/** Turns 12 pitch classes into 24 × 12: as they are from the tonic of each key on. */
function keyRotations(): Float32Array {
  const values = new Float32Array(PITCHES * KEYS * PITCHES);
  for (let of = 0; of < KEYS; of++) {
    for (let step = 0; step < PITCHES; step++) {
      values[((of + step) % PITCHES) * KEYS * PITCHES + of * PITCHES + step] = 1;
    }
  }
  return values;
}

/** How evenly sound is spread over the pitch classes, the mean over time: 0 for one alone, log 12 for all alike. */
function entropy(chroma: Tensor): Tensor {
  const shares = div(chroma, maximum(reduceSum(chroma, [1], true), 1e-6));
  return neg(reduceMean(reduceSum(mul(shares, log(add(shares, 1e-9))), [1]), [1], true));
}
