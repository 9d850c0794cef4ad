import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstValueFrom, takeWhile, toArray } from 'rxjs';
import t from 'tap';
import { liveSources } from '../../../../src/cli/live/sources.ts';
import { handMoodsOf } from '../../../../src/cli/shared/hand-moods.ts';
import { SoundFeed } from '../../../../streams/sources/index.ts';
import { writeMusic } from '../../../support/media.ts';

t.test('a file that is played again and again has its moods by hand each time', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'song.wav');
  await writeMusic(path, 3);
  await writeFile(join(folder, 'moods.csv'), 'file,valence,arousal,start,end\nsong.wav,0.9,,1,2\n');
  const moods = await handMoodsOf([path]);
  const options = { loop: true, pace: 'consumed', start: 0.5 } as const;
  const sources = liveSources(path, options, new SoundFeed('browser'), moods.get(path));
  const { events } = sources.named(`file:${path}`);
  const seen = await firstValueFrom(
    events.pipe(
      takeWhile((event) => event.kind !== 'block' || event.startSample < 4 * 22_050),
      toArray(),
    ),
  );
  const blocks = seen.flatMap((event) => (event.kind === 'block' ? [event] : []));
  t.ok(blocks.length > 5);
  for (const { startSample, hand } of blocks) {
    // 2.5 s of the file are played each time, from 0.5 s on.
    const atSeconds = 0.5 + ((startSample / 22_050) % 2.5);
    t.ok(Math.abs(hand!.atSeconds - atSeconds) < 1e-6);
    t.equal(hand!.moods.at(hand!.atSeconds)?.valence, atSeconds >= 1 && atSeconds < 2 ? 0.9 : undefined);
  }
  const demo = await firstValueFrom(
    sources.named('demo').events.pipe(
      takeWhile(({ kind }) => kind !== 'block', true),
      toArray(),
    ),
  );
  t.notOk('hand' in demo.at(-1)!, 'another source has none');
});
