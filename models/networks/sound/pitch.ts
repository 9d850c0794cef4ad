import {
  FRAME_COUNT,
  FRAME_SAMPLES,
  SAMPLE_RATE_HZ,
  PITCH_END_BIN,
  PITCH_FIRST_BIN,
  TUNING_STEPS,
  tuningOfStep,
} from '../../features/index.ts';
import {
  abs,
  add,
  cast,
  div,
  equal,
  floor,
  greater,
  less,
  log,
  matmul,
  minimum,
  mul,
  neg,
  not,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  sub,
  topK,
  transpose,
  where,
} from '../../graph/index.ts';
import type { Graph, Tensor } from '../../graph/index.ts';

const BIN_COUNT = PITCH_END_BIN - PITCH_FIRST_BIN;
/** Steps are counted as tens and units. */
const BASE = 10;
/** More than the number of steps, so that the count of peaks outweighs the order of the steps. */
const STEP_ROOM = 128;

const LOWEST_HZ = 440 / 16;
const HZ_PER_BIN = SAMPLE_RATE_HZ / FRAME_SAMPLES;
const binHz = (i: number): number => (PITCH_FIRST_BIN + i) * HZ_PER_BIN;

const yes = (condition: Tensor): Tensor => cast(condition, 'float32');

function range(graph: Graph, shape: readonly number[], at: (i: number) => number): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  return graph.constant(
    graph.unusedName('range'),
    shape,
    Float32Array.from({ length: count }, (_, i) => at(i)),
  );
}

interface Peaks {
  /** 1 for a peak, else 0, [batch, frames · bins]; `level` and `step` are 0 without a peak. */
  readonly found: Tensor;
  readonly level: Tensor;
  /** The step 0 … 99 of the tuning's histogram. */
  readonly step: Tensor;
}

/**
 * log₂(pitch / 27.5 Hz), rounded once like librosa's float32: the reference's rounding errors reach a thousandth of a
 * step, so a more exact logarithm would count some peaks in other steps. The octaves of each bin's own frequency are a
 * constant in two parts; the shift adds little.
 * @param pitchHz [batch, frames, bins], each within a bin of the bin's own frequency
 */
function octavesAbove(pitchHz: Tensor): Tensor {
  const { graph } = pitchHz;
  const ownRatio = (i: number): number => Math.fround(binHz(i) / LOWEST_HZ);
  const coarse = (i: number): number => Math.round(Math.log2(ownRatio(i)) * 2 ** 12) / 2 ** 12;
  const own = range(graph, [BIN_COUNT], ownRatio);
  const beyond = div(sub(div(pitchHz, LOWEST_HZ), own), own);
  const ratio = add(beyond, 1);
  // log(1 + x), corrected for the rounding of the sum.
  const logarithm = add(log(ratio), div(sub(beyond, sub(ratio, 1)), ratio));
  const small = add(
    mul(logarithm, 1 / Math.LN2),
    range(graph, [BIN_COUNT], (i) => Math.log2(ownRatio(i)) - coarse(i)),
  );
  return add(small, range(graph, [BIN_COUNT], coarse));
}

/** `librosa.piptrack(S=magnitude)` and the residuals of `librosa.pitch_tuning`, see models/features/tuning.ts. */
function trackPitches(magnitude: Tensor, binsPerOctave: number): Peaks {
  const { graph } = magnitude;
  const from = (first: number): Tensor =>
    slice(magnitude, [{ axis: 2, start: first, end: first + BIN_COUNT }]);
  const [before, here, after] = [from(PITCH_FIRST_BIN - 1), from(PITCH_FIRST_BIN), from(PITCH_FIRST_BIN + 1)];
  const loud = greater(here, mul(reduceMax(magnitude, [2], true), 0.1));
  const found = mul(yes(loud), mul(yes(greater(here, before)), yes(not(less(here, after)))));

  const curvature = sub(add(after, before), mul(here, 2));
  const slope = mul(sub(after, before), 0.5);
  const isCurved = less(abs(slope), abs(curvature));
  const shift = where(isCurved, div(neg(slope), where(isCurved, curvature, 1)), 0);
  const level = add(here, mul(mul(slope, 0.5), shift));

  const pitchHz = add(mul(shift, HZ_PER_BIN), range(graph, [BIN_COUNT], binHz));
  const bins = mul(octavesAbove(pitchHz), binsPerOctave);
  const turned = add(sub(bins, floor(bins)), -tuningOfStep(0));
  const step = minimum(floor(mul(sub(turned, floor(turned)), TUNING_STEPS)), TUNING_STEPS - 1);

  // Only one of two neighbouring bins can be a peak: join pairs.
  const paired = (x: Tensor): Tensor =>
    reshape(reduceSum(reshape(mul(x, found), [x.shape[0]!, FRAME_COUNT, BIN_COUNT / 2, 2]), [3]), [
      x.shape[0]!,
      -1,
    ]);
  return { found: paired(found), level: paired(level), step: paired(step) };
}

/** Entry number `index` [batch, 1] of each row, 0 when there is none. */
function entryAt(rows: Tensor, index: Tensor): Tensor {
  const places = range(rows.graph, [1, rows.shape[1]!], (i) => i);
  return reduceSum(mul(rows, yes(equal(places, index))), [1], true);
}

/**
 * `librosa.estimate_tuning(S=magnitude, bins_per_octave=…)` as a step number: the most frequent offset, in hundredths
 * of a bin, of the peaks that are at least as loud as the median peak. The step of tuning 0 when there is no peak.
 *
 * A peak within about 1e-6 of a bin of the edge between two steps may count in the other step than in the reference. If
 * that peak decides between two steps, the estimate is another step, and everything that depends on it differs.
 * @param magnitude [batch, frames, 1025]
 * @returns int32 [batch], 0 … 99
 */
export function tuningStep(magnitude: Tensor, binsPerOctave: number): Tensor {
  const { graph } = magnitude;
  const batch = magnitude.shape[0]!;
  const { found, level, step } = trackPitches(magnitude, binsPerOctave);
  const count = reduceSum(found, [1], true);
  // For an even number, no level lies between the middle two, so the upper one serves as well as their mean.
  const upperMiddle = sub(floor(mul(add(count, 1), 0.5)), 1);
  const threshold = entryAt(topK(level, level.shape[1]!), upperMiddle);
  const counted = mul(found, yes(not(less(level, threshold))));

  const tens = floor(mul(add(step, 0.5), 1 / BASE));
  const units = sub(step, mul(tens, BASE));
  const digits = range(graph, [1, 1, BASE], (i) => i);
  const oneHot = (digit: Tensor): Tensor => yes(equal(reshape(digit, [batch, -1, 1]), digits));
  const weighted = mul(oneHot(tens), reshape(counted, [batch, -1, 1]));
  const histogram = reshape(matmul(transpose(weighted, [0, 2, 1]), oneHot(units)), [batch, TUNING_STEPS]);

  const steps = range(graph, [1, TUNING_STEPS], (i) => i);
  const score = sub(mul(histogram, STEP_ROOM), steps);
  const best = reduceSum(mul(yes(equal(score, reduceMax(score, [1], true))), steps), [1], true);
  const inTune = TUNING_STEPS / 2;
  return cast(reshape(where(greater(count, 0), best, inTune), [batch]), 'int32');
}
