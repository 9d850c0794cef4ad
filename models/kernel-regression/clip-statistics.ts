import { FEATURE_GROUPS, FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';

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
  /** Onset strength and its autocorrelation. */
  { name: 'rhythm', width: 6 + (END_LAG - FIRST_LAG) / LAG_STEP + 1 },
  /** How well a major and a minor key fit, and the chroma relative to the best key. */
  { name: 'key', width: 3 + PITCHES + 2 },
] as const;

export const CLIP_STATISTICS = CLIP_BLOCKS.reduce((sum, { width }) => sum + width, 0);

/** Krumhansl and Kessler (1982): how well each pitch class fits a major key, and a minor one, from the tonic on. */
const MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR = [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

const group = (name: (typeof FEATURE_GROUPS)[number]['name']) =>
  FEATURE_GROUPS.find((candidate) => candidate.name === name)!;
const MEL = group('mel');
const CHROMA = group('chroma');

/** 10 log₁₀ of the least power that is told from silence. */
const FLOOR = 1e-10;

/**
 * What the regression knows of a clip: CLIP_STATISTICS numbers, block by block.
 *
 * @param features the 193 × 87 matrix, row-major.
 */
export function clipStatistics(features: Float32Array): Float32Array {
  if (features.length !== FEATURE_ROWS * FRAME_COUNT) {
    throw new RangeError(`a clip has ${FEATURE_ROWS} × ${FRAME_COUNT} features, not ${features.length}`);
  }
  const rows = withMelInDecibels(features);
  const out = new Float32Array(CLIP_STATISTICS);
  let at = 0;
  for (const block of [levels(rows), changes(rows), rhythm(rows), key(rows)]) {
    out.set(block, at);
    at += block.length;
  }
  return out;
}

type Rows = readonly Float64Array[];

function withMelInDecibels(features: Float32Array): Rows {
  return Array.from({ length: FEATURE_ROWS }, (_, row) => {
    const values = Float64Array.from(features.subarray(row * FRAME_COUNT, (row + 1) * FRAME_COUNT));
    if (row < MEL.first || row >= MEL.first + MEL.rows) return values;
    return values.map((power) => 10 * Math.log10(Math.max(power, FLOOR)));
  });
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The biased one. */
function deviation(values: Float64Array): number {
  const middle = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - middle) ** 2;
  return Math.sqrt(sum / values.length);
}

function levels(rows: Rows): number[] {
  return [...rows.map(mean), ...rows.map(deviation)];
}

function changes(rows: Rows): number[] {
  const difference = (row: Float64Array, lag: number) =>
    Float64Array.from({ length: row.length - lag }, (_, i) => row[i + lag]! - row[i]!);
  return [1, 4].flatMap((lag) => rows.map((row) => deviation(difference(row, lag))));
}

function rhythm(rows: Rows): number[] {
  const mel = rows.slice(MEL.first, MEL.first + MEL.rows);
  const onset = Float64Array.from({ length: FRAME_COUNT - 1 }, (_, t) => {
    let rise = 0;
    for (const band of mel) rise += Math.max(band[t + 1]! - band[t]!, 0);
    return rise / mel.length;
  });
  const middle = mean(onset);
  const centred = onset.map((value) => value - middle);
  const correlation = (lag: number): number => {
    let sum = 0;
    for (let t = 0; t + lag < centred.length; t++) sum += centred[t]! * centred[t + lag]!;
    return sum;
  };
  const power = correlation(0) + 1e-6;
  const correlations = Array.from(
    { length: END_LAG - FIRST_LAG },
    (_, i) => correlation(FIRST_LAG + i) / power,
  );
  const sorted = onset.slice().sort();
  return [
    middle,
    deviation(onset),
    Math.log(sorted.at(-1)! + 1e-3),
    ...[0.5, 0.75, 0.9].map((share) => quantile(sorted, share)),
    ...correlations.filter((_, i) => i % LAG_STEP === 0),
    Math.max(...correlations),
  ];
}

/** Between two values linearly, as NumPy's. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

function key(rows: Rows): number[] {
  const chroma = rows.slice(CHROMA.first, CHROMA.first + PITCHES);
  const profile = Float64Array.from(chroma, mean);
  const middle = mean(profile);
  const centred = profile.map((value) => value - middle);
  const major = fits(centred, MAJOR);
  const minor = fits(centred, MINOR);
  const bestMajor = Math.max(...major);
  const bestMinor = Math.max(...minor);
  const tonic = bestMajor > bestMinor ? major.indexOf(bestMajor) : minor.indexOf(bestMinor);
  return [
    bestMajor,
    bestMinor,
    bestMajor - bestMinor,
    ...Array.from(centred, (_, step) => centred[(step + tonic) % PITCHES]!),
    deviation(profile),
    meanEntropy(chroma),
  ];
}

/** The correlation of a centred profile with a key's, for each of the twelve tonics. */
function fits(profile: Float64Array, keyProfile: readonly number[]): number[] {
  const middle = keyProfile.reduce((sum, value) => sum + value, 0) / PITCHES;
  const norm = (values: Iterable<number>) => Math.hypot(...values);
  const centred = keyProfile.map((value) => value - middle);
  const scale = norm(profile) * norm(centred) + 1e-6;
  return Array.from({ length: PITCHES }, (_, tonic) => {
    let sum = 0;
    for (let pitch = 0; pitch < PITCHES; pitch++) {
      sum += profile[pitch]! * centred[(pitch - tonic + PITCHES) % PITCHES]!;
    }
    return sum / scale;
  });
}

/** How evenly the sound is spread over the pitch classes: 0 for one alone, log 12 for all alike. */
function meanEntropy(chroma: Rows): number {
  let total = 0;
  for (let t = 0; t < FRAME_COUNT; t++) {
    let sum = 0;
    for (const pitch of chroma) sum += pitch[t]!;
    for (const pitch of chroma) {
      const share = pitch[t]! / Math.max(sum, 1e-6);
      total -= share * Math.log(share + 1e-9);
    }
  }
  return total / FRAME_COUNT;
}
