import {
  BEFORE_SAMPLES,
  SAMPLE_RATE_HZ,
  createMelBank,
  hannWindow,
  kaiserAt,
  melMatrix,
} from '../features/index.ts';
import {
  GraphError,
  add,
  cast,
  conv,
  describe,
  div,
  equal,
  floor,
  gather,
  less,
  log,
  matmul,
  mul,
  not,
  pad,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  square,
  sub,
  transpose,
} from '../graph/index.ts';
import type { Graph, Tensor } from '../graph/index.ts';
import { WINDOW_SAMPLES } from './clip-window.ts';

/** Frames and mel bands of a patch, musicnn's input. */
export const PATCH_FRAMES = 187;
export const PATCH_BANDS = 96;

const LOW_RATE_HZ = 16_000;
/** 20 ms: the shortest time with whole samples at both 22,050 Hz and 16,000 Hz. */
const BLOCK_SAMPLES = 441;
const LOW_BLOCK_SAMPLES = 320;
const LOW_SAMPLES = (WINDOW_SAMPLES / BLOCK_SAMPLES) * LOW_BLOCK_SAMPLES;

/** Input samples on either side of an output sample that its filter hears, 4.4 ms. */
const REACH = 96;
/**
 * A Kaiser-windowed sinc of this reach and β falls from 7.4 kHz (−0.003 dB) to 8 kHz (−80 dB): nothing above 8 kHz
 * aliases.
 */
const CUTOFF_HZ = 7712;
const KAISER_BETA = 7.857;

const FRAME = 512;
const BINS = FRAME / 2 + 1;
/**
 * 1/64 s: musicnn was trained on frames every 256 samples. At 250 half a second is 32 frames, so that clips half a
 * second apart share theirs.
 */
const HOP = 250;
/** Centre of the first frame; the last one's lies one hop before the end of the clip, so that it is full of sound. */
const FIRST_CENTRE = LOW_SAMPLES - PATCH_FRAMES * HOP;
/** Frames at the end of a patch that overlap the zeros after the clip; they differ in another window. */
export const EDGE_FRAMES = 1;

/**
 * From 22,050 Hz to 16,000 Hz, block by block: a polyphase filter as a matrix over blocks of 20 ms that starts at the
 * window's first sample. Windows whose starts lie whole blocks apart give the same numbers, but within 4.4 ms of their ends.
 * @param samples [batch, 66150]
 * @returns [batch, 48000]
 */
export function resampleTo16kHz(samples: Tensor): Tensor {
  const batch = samples.shape[0]!;
  const padded = pad(samples, [0, REACH], [0, REACH]);
  const blocks = conv(reshape(padded, [batch, 1, 1, padded.shape[1]!]), resampler(samples.graph), {
    strides: [1, BLOCK_SAMPLES],
  });
  return reshape(transpose(blocks, [0, 2, 3, 1]), [batch, LOW_SAMPLES]);
}

/** Row r gives the output sample r of a block, at r · 441/320 input samples; each row's taps add up to 1. */
function resampler(graph: Graph): Tensor {
  const width = BLOCK_SAMPLES + 2 * REACH;
  const values = new Float32Array(LOW_BLOCK_SAMPLES * width);
  const turns = (2 * CUTOFF_HZ) / SAMPLE_RATE_HZ;
  for (let row = 0; row < LOW_BLOCK_SAMPLES; row++) {
    const place = REACH + (row * BLOCK_SAMPLES) / LOW_BLOCK_SAMPLES;
    const taps = Array.from({ length: width }, (_, i) => {
      const x = Math.PI * turns * (i - place);
      return (x === 0 ? 1 : Math.sin(x) / x) * kaiserAt((i - place) / REACH, KAISER_BETA);
    });
    const sum = taps.reduce((total, tap) => total + tap, 0);
    taps.forEach((tap, i) => {
      values[row * width + i] = tap / sum;
    });
  }
  return graph.constant(graph.unusedName('resampler'), [LOW_BLOCK_SAMPLES, 1, 1, width], values);
}

/**
 * The mel patch that musicnn takes from the 3 s that end with a clip: the 187 frames of the last 2.92 s, log₁₀(10,000 m
 * + 1) of the power m in 96 Slaney bands up to 8 kHz; frames of 512 samples (Hann), every 250 at 16 kHz.
 *
 * Zeros at the start of the second before the clip mean that there was no sound yet: frames centred there are dropped,
 * and the others repeat from the first one until there are 187, as musicnn does with short files.
 *
 * @param samples [batch, 66150], mono, 22,050 Hz, full scale ±1
 * @returns [batch, 187, 96]
 * @throws GraphError when the samples have another shape
 */
export function musicnnPatch(samples: Tensor): Tensor {
  const { graph } = samples;
  if (samples.shape.length !== 2 || samples.shape[1] !== WINDOW_SAMPLES) {
    throw new GraphError(`musicnn: ${describe(samples)} must be [batch, ${WINDOW_SAMPLES}]`);
  }
  return graph.within('patch', () => {
    const power = powerSpectrum(resampleTo16kHz(samples));
    const bank = createMelBank(PATCH_BANDS, LOW_RATE_HZ, FRAME);
    const matrix = graph.constant(graph.unusedName('mel'), [BINS, PATCH_BANDS], melMatrix(bank, BINS));
    const mel = matmul(transpose(power, [0, 2, 1]), matrix);
    const level = mul(log(add(mul(mel, 10_000), 1)), 1 / Math.LN10);
    return repeatSound(level, framesBeforeSound(samples));
  });
}

/** [batch, 48000] to the power in each bin of each frame, [batch, 257, 187]. */
function powerSpectrum(low: Tensor): Tensor {
  const { graph } = low;
  const batch = low.shape[0]!;
  const start = FIRST_CENTRE - FRAME / 2;
  const needed = (PATCH_FRAMES - 1) * HOP + FRAME;
  const heard = pad(
    slice(low, [{ axis: 1, start, end: LOW_SAMPLES }]),
    [0, 0],
    [0, needed - (LOW_SAMPLES - start)],
  );
  const window = hannWindow(FRAME);
  const waves = Float32Array.from({ length: 2 * BINS * FRAME }, (_, i) => {
    const [row, n] = [Math.floor(i / FRAME), i % FRAME];
    const angle = (2 * Math.PI * (((row % BINS) * n) % FRAME)) / FRAME;
    return window[n]! * (row < BINS ? Math.cos(angle) : Math.sin(angle));
  });
  const kernel = graph.constant(graph.unusedName('waves'), [2 * BINS, 1, 1, FRAME], waves);
  const parts = conv(reshape(heard, [batch, 1, 1, needed]), kernel, { strides: [1, HOP] });
  return reduceSum(square(reshape(parts, [batch, 2, BINS, PATCH_FRAMES])), [1]);
}

/** Frames, [batch, 1], whose centre lies before the first sample that is not zero, in the second before the clip. */
function framesBeforeSound(samples: Tensor): Tensor {
  const { graph } = samples;
  const row = (name: string, values: Float32Array): Tensor =>
    graph.constant(graph.unusedName(name), [1, values.length], values);
  const before = slice(samples, [{ axis: 1, start: 0, end: BEFORE_SAMPLES }]);
  const isSound = cast(not(equal(before, 0)), 'float32');
  const left = Float32Array.from({ length: BEFORE_SAMPLES }, (_, i) => BEFORE_SAMPLES - i);
  const firstSound = sub(BEFORE_SAMPLES, reduceMax(mul(isSound, row('left', left)), [1], true));
  const isBefore = less(row('centres', Float32Array.from(centresInSamples())), firstSound);
  return reduceSum(cast(isBefore, 'float32'), [1], true);
}

/** Whether there is sound before the centre of the first frame, so that none of the frames is left out. */
export function isFullOfSound(window: Float32Array): boolean {
  const [firstCentre] = centresInSamples() as [number];
  for (let i = 0; i <= firstCentre; i++) if (window[i] !== 0) return true;
  return false;
}

/** Centres of frames in samples of the window. */
function centresInSamples(): number[] {
  return Array.from(
    { length: PATCH_FRAMES },
    (_, frame) => ((FIRST_CENTRE + frame * HOP) * BLOCK_SAMPLES) / LOW_BLOCK_SAMPLES,
  );
}

/** Frames from `first` [batch, 1] on, again and again, in place of all of them. */
function repeatSound(mel: Tensor, first: Tensor): Tensor {
  const { graph } = mel;
  const batch = mel.shape[0]!;
  const count = Float32Array.from({ length: PATCH_FRAMES }, (_, i) => i);
  const frame = graph.constant(graph.unusedName('frame'), [1, PATCH_FRAMES], count);
  const rows = Float32Array.from({ length: batch }, (_, i) => i * PATCH_FRAMES);
  const row = graph.constant(graph.unusedName('row'), [batch, 1], rows);
  const period = sub(PATCH_FRAMES, first);
  // Plus a half, because on a GPU the quotient of equal numbers may be below 1.
  const rounds = floor(div(add(frame, 0.5), period));
  const index = add(add(row, first), sub(frame, mul(rounds, period)));
  const indices = reshape(cast(index, 'int32'), [batch * PATCH_FRAMES]);
  return reshape(gather(reshape(mel, [batch * PATCH_FRAMES, PATCH_BANDS]), indices), mel.shape);
}
