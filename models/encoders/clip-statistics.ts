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
  topK,
  transpose,
  type Tensor,
} from '../graph/index.ts';

/** Raise it whenever the same clip gives other numbers: cached features are then computed again. */
export const CLIP_STATISTICS_VERSION = 3;

/**
 * Rows in use: all but the tonnetz. The tonnetz repeats the chroma, of the harmonic part by a constant-Q transform, and
 * takes two thirds of the time of all features.
 */
const ROWS = FEATURE_ROWS - groupNamed('tonnetz').rows;

const PITCHES = 12;
/** Lags of the rhythm, in frames of 23 ms: 93 ms to 1 s. */
const FIRST_LAG = 4;
const END_LAG = 44;
const LAG_STEP = 2;
/** Quantiles over the frames of a clip. */
const QUANTILES = [0.1, 0.5, 0.9];
/** Semitones between two pitch classes, one way or the other round: 1 to 6. */
const INTERVALS = PITCHES / 2;

/** The blocks of a clip's statistics, in their order. Distances are taken block by block and then weighted. */
export const CLIP_BLOCKS = [
  /** Mean and standard deviation over time of the 187 rows, mel in dB. */
  { name: 'levels', width: 2 * ROWS },
  /** Standard deviation of the differences between a frame and the next, and the fourth after it. */
  { name: 'changes', width: 2 * ROWS },
  /** Onset strength (mean, deviation, log of its maximum), its autocorrelation and the highest value of that. */
  { name: 'rhythm', width: 3 + (END_LAG - FIRST_LAG) / LAG_STEP + 1 },
  /** How well the best major and the best minor key fit, the chroma from the best tonic on, how even the chroma is. */
  { name: 'key', width: 3 + PITCHES + 2 },
  /** Three quantiles over time of the 187 rows, mel in dB. */
  { name: 'quantiles', width: QUANTILES.length * ROWS },
  /** How much any two pitch classes, counted from the best tonic on, sound together: mean of their product. */
  { name: 'harmony', width: (PITCHES * (PITCHES + 1)) / 2 },
  /** How much pitch classes sound together that lie 1 to 6 semitones apart, as a part of the power of all. */
  { name: 'intervals', width: INTERVALS },
] as const;

export const CLIP_STATISTICS = CLIP_BLOCKS.reduce((sum, { width }) => sum + width, 0);

/** Krumhansl and Kessler (1982): how well each pitch class fits a major key, and a minor one, from the tonic on. */
const MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR = [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];
const KEYS = 2 * PITCHES;

/** The smallest power that differs from silence, −100 dB. */
const LEAST_POWER = 1e-10;
const DECIBELS = 10 / Math.LN10;

/**
 * The statistics of clips that models learn from, as part of a graph.
 *
 * @param features [batch, 193, 87]
 * @returns [batch, CLIP_STATISTICS], block by block
 */
export function clipStatistics(features: Tensor): Tensor {
  const mel = mul(log(maximum(groupOf(features, 'mel'), LEAST_POWER)), DECIBELS);
  const chroma = groupOf(features, 'chroma');
  const rows = concat([groupOf(features, 'mfcc'), chroma, mel, groupOf(features, 'contrast')], 1);
  const { key, fromTonic } = tonality(chroma);
  return concat(
    [
      ...levels(rows),
      ...changes(rows),
      ...rhythm(mel),
      ...key,
      quantiles(rows),
      ...harmony(matmul(fromTonic, chroma)),
    ],
    1,
  );
}

function groupNamed(name: (typeof FEATURE_GROUPS)[number]['name']) {
  return FEATURE_GROUPS.find((candidate) => candidate.name === name)!;
}

function groupOf(features: Tensor, name: (typeof FEATURE_GROUPS)[number]['name']): Tensor {
  const { first, rows } = groupNamed(name);
  return slice(features, [{ axis: 1, start: first, end: first + rows }]);
}

/** The biased standard deviation over the last axis, which it removes. */
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

/**
 * @param chroma [batch, 12, frames]
 * @returns the block `key`; and `fromTonic` [batch, 12, 12], which turns pitch classes into steps from the best tonic on.
 */
function tonality(chroma: Tensor): { readonly key: Tensor[]; readonly fromTonic: Tensor } {
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

  // Usually one key; the mean of several that fit equally well.
  const chosen = cast(equal(fits, maximum(major, minor)), 'float32');
  const shares = div(chosen, reduceSum(chosen, [1], true));
  const rotations = graph.constant('rotations', [KEYS, PITCHES * PITCHES], keyRotations());
  const fromTonic = reshape(matmul(shares, rotations), [batch, PITCHES, PITCHES]);
  const steps = reshape(matmul(fromTonic, reshape(centred, [batch, PITCHES, 1])), [batch, PITCHES]);

  const spread = sqrt(reduceMean(square(centred), [1], true));
  return { key: [major, minor, sub(major, minor), steps, spread, entropy(chroma)], fromTonic };
}

/** @returns [batch, QUANTILES × rows], of one quantile after the other; between two frames in proportion. */
function quantiles(rows: Tensor): Tensor {
  const [batch, count, frames] = rows.shape as [number, number, number];
  const weights = new Float32Array(frames * QUANTILES.length);
  QUANTILES.forEach((q, column) => {
    const position = q * (frames - 1);
    const below = Math.floor(position);
    const part = position - below;
    weights[below * QUANTILES.length + column]! += 1 - part;
    if (part > 0) weights[(below + 1) * QUANTILES.length + column]! += part;
  });
  const sorted = topK(rows, frames, 'smallest');
  const found = matmul(sorted, rows.graph.constant('quantile weights', [frames, QUANTILES.length], weights));
  return reshape(transpose(found, [0, 2, 1]), [batch, QUANTILES.length * count]);
}

/**
 * @param steps chroma from the tonic on, [batch, 12, frames]
 * @returns the blocks `harmony` and `intervals`
 */
function harmony(steps: Tensor): Tensor[] {
  const [batch, pitches, frames] = steps.shape as [number, number, number];
  const products = mul(matmul(steps, transpose(steps, [0, 2, 1])), 1 / frames);
  const pairs = Array.from({ length: pitches }, (_, step) => {
    const row = slice(products, [
      { axis: 1, start: step, end: step + 1 },
      { axis: 2, start: step, end: pitches },
    ]);
    return reshape(row, [batch, pitches - step]);
  });
  // Column 0 is the power; the others are the intervals.
  const apart = new Float32Array(pitches * pitches * (INTERVALS + 1));
  for (let i = 0; i < pitches; i++) {
    for (let interval = 0; interval <= INTERVALS; interval++) {
      const other = (i + pitches - interval) % pitches;
      apart[(i * pitches + other) * (INTERVALS + 1) + interval] = 1;
    }
  }
  const sums = matmul(
    reshape(products, [batch, pitches * pitches]),
    steps.graph.constant('intervals', [pitches * pitches, INTERVALS + 1], apart),
  );
  const column = (start: number, end: number): Tensor => slice(sums, [{ axis: 1, start, end }]);
  return [...pairs, div(column(1, INTERVALS + 1), maximum(column(0, 1), 1e-6))];
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

/** For each of 24 keys the permutation [12, 12] that takes pitch classes to steps from its tonic on. */
function keyRotations(): Float32Array {
  const values = new Float32Array(KEYS * PITCHES * PITCHES);
  for (let of = 0; of < KEYS; of++) {
    for (let step = 0; step < PITCHES; step++) {
      values[(of * PITCHES + step) * PITCHES + ((of + step) % PITCHES)] = 1;
    }
  }
  return values;
}

/** How evenly sound is spread over the pitch classes, the mean over time: 0 for one alone, log 12 for all alike. */
function entropy(chroma: Tensor): Tensor {
  const shares = div(chroma, maximum(reduceSum(chroma, [1], true), 1e-6));
  return neg(reduceMean(reduceSum(mul(shares, log(add(shares, 1e-9))), [1]), [1], true));
}
