import { join } from 'node:path';
import t from 'tap';
import { DiskCache } from '../../../../models/cache.ts';
import { Media } from '../../../../models/training/end-to-end/media.ts';
import { clipsOfFile, stretchOfFile } from '../../../../streams/clips/index.ts';
import { writeMusic } from '../../../support/media.ts';
import { failure } from '../../rejection.ts';

t.test('training learns from the clips that evaluation judges by', async (t) => {
  const folder = t.testdir({});
  const media = new Media(new DiskCache({ folder: join(folder, 'cache') }), stretchOfFile);
  const file = join(folder, 'song.wav');
  await writeMusic(file, 5.97);
  for (const [startSeconds, endSeconds, starts] of [
    [0, undefined, [0, 2]],
    [0.5, 5.5, [0.5, 2.5]],
    [1 / 3, 2 + 1 / 3, [1 / 3]],
  ] as const) {
    const learnt = await media.stretch({ file, startSeconds, endSeconds }, 'features', 1, 1);
    t.equal(learnt.consecutive, starts.length);
    t.equal(learnt.count, starts.length + 1, 'and one from a random place');
    const judged = [];
    for await (const { startSample } of clipsOfFile(file, [{ startSeconds, endSeconds }]))
      judged.push(startSample / 22_050);
    judged.forEach((start, i) => {
      t.ok(Math.abs(start - starts[i]!) < 1e-4);
    });
  }
  for (const [startSeconds, endSeconds] of [
    [4, undefined],
    [0, 1.97],
  ] as const) {
    const stretch = { file, startSeconds, endSeconds };
    const message = await failure('OUT_OF_RANGE', () => media.stretch(stretch, 'features', 0, 1));
    const judge = async () => {
      for await (const clip of clipsOfFile(file, [{ startSeconds, endSeconds }])) t.notOk(clip);
    };
    t.equal(message, await failure('OUT_OF_RANGE', judge), 'and refuses what evaluation refuses');
  }
});
