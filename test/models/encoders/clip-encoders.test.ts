import t from 'tap';
import {
  CLIP_ENCODERS,
  WINDOW_SAMPLES,
  encodeSamples,
  loadClipEncoders,
  openClipEncoders,
  windowOf,
  type ClipInput,
} from '../../../models/encoders/index.ts';
import { MusicnnStream } from '../../../models/encoders/musicnn-stream.ts';
import { readEncoderWeights } from '../../../models/encoders/weights.ts';
import { openEngine } from '../../../models/engine/index.ts';
import {
  BEFORE_SAMPLES,
  CLIP_SAMPLES,
  SAMPLE_RATE_HZ,
  createFeatureExtractor,
} from '../../../models/features/index.ts';
import { Graph } from '../../../models/graph/index.ts';
import { createNoise } from '../features/signals.ts';
import { failure } from '../rejection.ts';

const engine = await openEngine('cpu', { threads: 1 });
const names = CLIP_ENCODERS.map(({ name }) => name);

/** Chords that change, over noise. */
function music(seconds: number): Float32Array {
  const noise = createNoise(11);
  return Float32Array.from({ length: seconds * SAMPLE_RATE_HZ }, (_, i) => {
    const at = i / SAMPLE_RATE_HZ;
    const root = [220, 262, 175, 196][Math.floor(at * 2) % 4]!;
    const chord = [1, 1.25, 1.5].reduce((sum, ratio) => sum + Math.sin(2 * Math.PI * root * ratio * at), 0);
    return 0.15 * chord * Math.exp(-3 * (at % 0.5)) + 0.02 * noise();
  });
}

const extractor = await createFeatureExtractor();

/** The clip that starts at that sample, with what is there of the second before it. */
function clipAt(sound: Float32Array, start: number): ClipInput {
  const samples = sound.slice(start, start + CLIP_SAMPLES);
  const before = sound.slice(Math.max(0, start - BEFORE_SAMPLES), start);
  return { samples, before, features: extractor.extract(samples).slice() };
}

t.test('a window is the clip and the second before it', (t) => {
  const sound = Float32Array.from({ length: WINDOW_SAMPLES }, (_, i) => i + 1);
  const [features, before] = [new Float32Array(), sound.slice(0, BEFORE_SAMPLES)];
  const samples = sound.slice(BEFORE_SAMPLES);
  t.ok(isSame(windowOf({ samples, before, features }), sound));
  const begun = windowOf(
    { samples, before: before.slice(-2), features },
    new Float32Array(WINDOW_SAMPLES).fill(9),
  );
  t.same(begun.slice(BEFORE_SAMPLES - 4, BEFORE_SAMPLES + 1), [0, 0, 22_049, 22_050, 22_051]);
  t.equal(begun[0], 0);
  t.throws(() => windowOf({ samples: samples.slice(1), before, features }), /44100/);
  t.throws(() => windowOf({ samples, before: sound, features }), /22050/);
  t.end();
});

t.test('musicnn goes on from the window before and gives the same numbers', async (t) => {
  const weights = await readEncoderWeights('musicnn');
  const sound = music(9);
  const half = SAMPLE_RATE_HZ / 2;
  // The beginning, steps of 0.5, 1 and 2 s, one of 0.75 s that is not whole frames, a leap back, and steps from there.
  const starts = [0, 1, 2, 3, 5, 9, 10.5, 2, 3, 4].map((steps) => Math.round(steps * half));
  const windows = new Map(starts.map((start) => [start, windowOf(clipAt(sound, start))]));

  // Backwards no window goes on from the one before.
  const backwards = await MusicnnStream.open(engine, weights);
  const expected = new Map<number, Float32Array>();
  for (const start of [...windows.keys()].sort((a, b) => b - a)) {
    expected.set(start, await backwards.encode(windows.get(start)!));
  }
  await backwards.close();

  const stream = await MusicnnStream.open(engine, weights);
  for (const start of starts) {
    const found = await stream.encode(windows.get(start)!);
    t.ok(isSame(found, expected.get(start)!), `from ${start / SAMPLE_RATE_HZ} s`);
  }
  await stream.close();
});

t.test('all encoders together, one after the other as in one graph', async (t) => {
  const opened = await openClipEncoders(engine, names);
  t.equal(opened.width, opened.widths[0]! + opened.widths[1]!);
  t.same(
    opened.encoders.map(({ blocks }) => blocks.reduce((sum, { width }) => sum + width, 0)),
    opened.widths,
  );
  t.equal(opened.featureRows, 'without-tonnetz');
  const sound = music(4);
  const clips = [clipAt(sound, 0), clipAt(sound, BEFORE_SAMPLES)];
  const encoded: Float32Array[] = [];
  for (const clip of clips) encoded.push(await opened.encode(clip));
  await opened.close();

  const graph = new Graph('clips');
  const input = graph.input('samples', [clips.length, WINDOW_SAMPLES]);
  graph.output('y', encodeSamples(input, await loadClipEncoders(names)));
  const session = await engine.load(graph);
  const windows = Float32Array.from(clips.flatMap((clip) => [...windowOf(clip)]));
  const { y } = await session.run({ samples: { dtype: 'float32', shape: input.shape, data: windows } });
  await session.close();
  t.same(y!.shape, [clips.length, opened.width]);
  encoded.forEach((features, i) => {
    const whole = (y!.data as Float32Array).subarray(i * opened.width, (i + 1) * opened.width);
    const [statistics, rest] = [opened.widths[0]!, opened.width];
    t.ok(distance(whole.subarray(statistics, rest), features.subarray(statistics)) < 1e-5, 'musicnn');
    // The features themselves agree to 1e-3.
    t.ok(distance(whole.subarray(0, statistics), features.subarray(0, statistics)) < 1e-3, 'statistics');
  });
});

t.test('an encoder that is not known is refused, and so is a clip without its features', async (t) => {
  const unknown = () => openClipEncoders(engine, ['musicnn', 'vggish']);
  t.match(await failure('OTHER_ARCHITECTURE', unknown), /vggish/);
  const opened = await openClipEncoders(engine, ['feature-statistics']);
  const clip = { samples: new Float32Array(CLIP_SAMPLES), before: new Float32Array() };
  await t.rejects(opened.encode({ ...clip, features: new Float32Array() }), RangeError);
  await opened.close();
  const hears = await openClipEncoders(engine, ['musicnn']);
  t.equal(hears.featureRows, 'none');
  t.equal((await hears.encode({ ...clip, features: new Float32Array() })).length, hears.width);
  await hears.close();
});

function isSame(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** ‖a − b‖ / ‖b‖ */
function distance(a: Float32Array, b: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}
