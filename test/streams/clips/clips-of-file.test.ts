import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Stretch } from '../../../models/stretch.ts';
import { clipsOfFile, stretchOfFile, type FileClip } from '../../../streams/clips/index.ts';
import { failure } from '../../models/rejection.ts';
import { noise16, wav16 } from '../sources/support/signals.ts';

const RATE = 22_050;

function noiseFile(t: Test, seconds: number): { path: string; at: (sample: number) => number } {
  const noise = noise16(Math.round(seconds * RATE));
  const path = join(t.testdir({}), 'noise.wav');
  writeFileSync(
    path,
    wav16(RATE, 1, noise.length, (n) => noise[n]!),
  );
  return { path, at: (sample) => noise[sample]! / 32_768 };
}

async function all(path: string, stretches?: Stretch[]): Promise<FileClip[]> {
  const clips: FileClip[] = [];
  for await (const clip of clipsOfFile(path, stretches)) clips.push(clip);
  return clips;
}

t.test('consecutive clips of 2 s, the rest dropped, exact to the sample', async (t) => {
  const { path, at } = noiseFile(t, 7.9);
  const clips = await all(path);
  t.same(
    clips.map(({ startSample, stretch }) => [startSample / RATE, stretch]),
    [
      [0, 0],
      [2, 0],
      [4, 0],
    ],
  );
  for (const { startSample, samples } of clips) {
    t.equal(samples.length, 2 * RATE);
    t.ok(samples.every((sample, i) => sample === at(startSample + i)));
  }
});

t.test('stretches, also those that overlap or lie in any order', async (t) => {
  const { path, at } = noiseFile(t, 12);
  const clips = await all(path, [
    { startSeconds: 5.5, endSeconds: 9.6 },
    { startSeconds: 1.3, endSeconds: 3.3 },
    { startSeconds: 2, endSeconds: 4 },
    { startSeconds: 9, endSeconds: undefined },
  ]);
  t.same(
    clips.map(({ startSample, stretch }) => [stretch, startSample / RATE]),
    [
      [1, 1.3],
      [2, 2],
      [0, 5.5],
      [0, 7.5],
      [3, 9],
    ],
  );
  for (const { startSample, samples, before } of clips) {
    t.ok(samples.every((sample, i) => sample === at(startSample + i)));
    t.equal(before.length, Math.min(RATE, startSample), 'a second of the file, also before the stretch');
    t.ok(before.every((sample, i) => sample === at(startSample - before.length + i)));
  }
});

t.test('a stretch in memory has the same clips, and the same sound before them', async (t) => {
  const { path } = noiseFile(t, 9);
  for (const [startSeconds, endSeconds] of [
    [0, undefined],
    [0.3, 4.4],
    [1 / 3, 5],
    [3, 7.5],
  ] as const) {
    const { samples, clipStarts } = await stretchOfFile(path, startSeconds, endSeconds);
    const clips = await all(path, [{ startSeconds, endSeconds }]);
    t.equal(clipStarts.length, clips.length);
    clips.forEach((clip, i) => {
      const start = clipStarts[i]!;
      t.ok(clip.samples.every((sample, n) => sample === samples[start + n]));
      t.equal(clip.before.length, Math.min(RATE, start));
      t.ok(clip.before.every((sample, n) => sample === samples[start - clip.before.length + n]));
    });
  }
  t.match(
    await failure('OUT_OF_RANGE', () => stretchOfFile(path, 30, 32)),
    /noise\.wav ends after 9\.00 s, before 30 s/,
  );
});

t.test('2 s are a clip wherever they start', async (t) => {
  const { path } = noiseFile(t, 8);
  for (const startSeconds of [0.1, 1 / 3, 2.00003, 5.99997]) {
    const clips = await all(path, [{ startSeconds, endSeconds: startSeconds + 2 }]);
    t.equal(clips.length, 1, `from ${startSeconds} s`);
  }
});

t.test('what is too short for a clip is reported, and so is what lies behind the end', async (t) => {
  const { path } = noiseFile(t, 1.5);
  const run = (...stretches: Stretch[]) => all(path, stretches.length === 0 ? undefined : stretches);
  t.match(await failure('OUT_OF_RANGE', () => run()), /noise\.wav has 1\.50 s: too short for a clip of 2 s/);
  t.match(
    await failure('OUT_OF_RANGE', () => run({ startSeconds: 0.5, endSeconds: 1 })),
    /noise\.wav from 0\.5 s to 1 s is 0\.50 s long/,
  );
  t.match(
    await failure('OUT_OF_RANGE', () => run({ startSeconds: 30, endSeconds: 32 })),
    /noise\.wav ends after 1\.50 s, before 30 s/,
  );
  t.match(
    await failure('OUT_OF_RANGE', () => run({ startSeconds: 1, endSeconds: 3 })),
    /noise\.wav has 0\.50 s from 1 s on/,
  );
});

t.test('a loop that is left early leaves no decoder behind', async (t) => {
  const { path } = noiseFile(t, 60);
  let taken = 0;
  for await (const clip of clipsOfFile(path)) {
    taken++;
    if (clip.startSample >= 4 * RATE) break;
  }
  t.equal(taken, 3);
  // tap itself waits for the process to end, which an open decoder would keep alive.
});
