import { fileURLToPath } from 'node:url';
import t from 'tap';
import { WINDOW_SAMPLES } from '../../../models/encoders/clip-window.ts';
import { musicnnFeatures } from '../../../models/encoders/musicnn-network.ts';
import {
  PATCH_BANDS,
  PATCH_FRAMES,
  musicnnPatch,
  resampleTo16kHz,
} from '../../../models/encoders/musicnn-patch.ts';
import { readEncoderWeights } from '../../../models/encoders/weights.ts';
import { openEngine } from '../../../models/engine/index.ts';
import { readNpy, SAMPLE_RATE_HZ } from '../../../models/features/index.ts';
import { Graph, concat, type Tensor } from '../../../models/graph/index.ts';
import { inferenceLayers } from '../../../models/networks/index.ts';
import { createNoise } from '../features/signals.ts';

const engine = await openEngine('cpu', { threads: 1 });

/** Runs a graph of one input on values of that shape. */
async function run(
  shape: readonly number[],
  data: Float32Array,
  build: (x: Tensor) => Tensor,
): Promise<Float32Array> {
  const graph = new Graph('test');
  graph.output('y', build(graph.input('x', shape)));
  const session = await engine.load(graph);
  const { y } = await session.run({ x: { dtype: 'float32', shape, data } });
  await session.close();
  return y!.data as Float32Array;
}

const golden = (name: string) => readNpy(fileURLToPath(new URL(`./golden/${name}.npy`, import.meta.url)));

/** 3 s at 22,050 Hz. */
function sound(at: (seconds: number) => number): Float32Array {
  return Float32Array.from({ length: WINDOW_SAMPLES }, (_, i) => at(i / SAMPLE_RATE_HZ));
}

const tone = (hz: number, seconds: number): number => Math.sin(2 * Math.PI * hz * seconds);

/** ‖a − b‖ / ‖b‖ */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

t.test('the network gives what the original gives', async (t) => {
  const expected = await golden('musicnn-outputs');
  const patches = Float32Array.from({ length: 2 * PATCH_FRAMES * PATCH_BANDS }, (_, i) => {
    const [frame, f] = [Math.floor(i / PATCH_BANDS), i % PATCH_BANDS];
    const [k, step] = [Math.floor(frame / PATCH_FRAMES), frame % PATCH_FRAMES];
    const wave = Math.sin(step * (0.11 + 0.07 * k)) * Math.cos(f * 0.19);
    return Math.max(0, 2.5 - 0.02 * f * (1 + k) + wave + (0.8 * ((step * 7 + f * 3 + k * 5) % 11)) / 11);
  });
  const weights = await readEncoderWeights('musicnn');
  const found = await run([2, PATCH_FRAMES, PATCH_BANDS], patches, (x) => {
    const { penultimate, mean, max } = musicnnFeatures(inferenceLayers(x.graph, weights), x);
    return concat([penultimate, mean, max], 1);
  });
  t.equal(found.length, expected.values.length);
  // Both compute in float32, in other orders.
  t.ok(distance(found, expected.values) < 1e-5, `${distance(found, expected.values)}`);
});

t.test('tones below 7.4 kHz go to 16 kHz as they are, and tones above 8 kHz are gone', async (t) => {
  const low = (hz: number) =>
    run(
      [1, WINDOW_SAMPLES],
      sound((s) => tone(hz, s)),
      resampleTo16kHz,
    );
  for (const hz of [60, 3000, 7400]) {
    const found = (await low(hz)).slice(1000, 47_000);
    const expected = found.map((_, i) => tone(hz, (i + 1000) / 16_000));
    t.ok(distance(found, expected) < 1e-3, `${hz} Hz: ${distance(found, expected)}`);
  }
  for (const hz of [8000, 8600, 10_900]) {
    const loudest = Math.max(...(await low(hz)).slice(1000, 47_000).map(Math.abs));
    t.ok(loudest < 1e-4, `${hz} Hz: ${20 * Math.log10(loudest)} dB`);
  }
});

t.test('a patch is the log mel power of the last 2.92 s', async (t) => {
  const samples = sound(
    (s) => 0.3 * tone(220, s) + (0.2 * tone(1300, s) * (1 + tone(3, s))) / 2 + 0.1 * tone(6000, s),
  );
  const found = await run([1, WINDOW_SAMPLES], samples, musicnnPatch);
  const { rows, values } = await golden('musicnn-patch');
  const eighth = Array.from({ length: rows }, (_, i) =>
    found.subarray(8 * i * PATCH_BANDS, (8 * i + 1) * PATCH_BANDS),
  );
  const worst = Math.max(
    ...eighth.flatMap((row, i) =>
      Array.from(row, (value, k) => Math.abs(value - values[i * PATCH_BANDS + k]!)),
    ),
  );
  // Bands between the tones hold what the window leaks, of which the resampler's ripple is a part.
  t.ok(worst < 3e-4, `${worst}`);
});

t.test('clips half a second apart share their frames, bit for bit', async (t) => {
  const noise = createNoise(7);
  const long = Float32Array.from({ length: WINDOW_SAMPLES + SAMPLE_RATE_HZ / 2 }, () => 0.3 * noise());
  const patchAt = (start: number) =>
    run([1, WINDOW_SAMPLES], long.slice(start, start + WINDOW_SAMPLES), musicnnPatch);
  const [first, second] = [await patchAt(0), await patchAt(SAMPLE_RATE_HZ / 2)];
  // The last frame reaches into the zeros behind the clip.
  const shared = first.subarray(32 * PATCH_BANDS, 186 * PATCH_BANDS);
  t.ok(shared.every((value, i) => value === second[i]));
});

t.test('where a source begins, the frames with sound are repeated', async (t) => {
  const noise = createNoise(3);
  const whole = Float32Array.from({ length: WINDOW_SAMPLES }, () => 0.3 * noise());
  const begun = whole.slice().fill(0, 0, SAMPLE_RATE_HZ);
  const silent = new Float32Array(WINDOW_SAMPLES);
  const patches = await run(
    [3, WINDOW_SAMPLES],
    Float32Array.from([...whole, ...begun, ...silent]),
    musicnnPatch,
  );
  const row = (batch: number, frame: number) =>
    patches.slice(
      (batch * PATCH_FRAMES + frame) * PATCH_BANDS,
      (batch * PATCH_FRAMES + frame + 1) * PATCH_BANDS,
    );
  t.same(row(1, 0), row(1, 128), 'the frames of 2 s come again');
  t.same(row(1, 58), row(1, 186));
  t.same(row(1, 10), row(0, 59 + 10), 'from the first on that is centred in the sound');
  t.notSame(row(1, 0), row(1, 127));
  t.ok(row(2, 0).every((value) => value === 0));
});
