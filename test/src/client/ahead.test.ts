import t from 'tap';
import type { ShowMessage } from '../../../src/server/protocol/index.ts';
import { Ahead } from '../../../src/client/ahead.ts';
import { messageWith } from '../../web-client/console/support/status.ts';

function messageOf(id: string | null, candidates: readonly string[]): ShowMessage {
  const message = messageWith(1, 'live');
  const image = id === null ? null : { id, url: `/${id}`, width: 1, height: 1 };
  return {
    ...message,
    show: { ...message.show, image },
    candidates: candidates.map((candidate, i) => ({ id: candidate, score: -i })),
  };
}

t.test('the best candidates that were not on show lately are likely to come', async (t) => {
  const ahead = new Ahead();
  const now = messageOf('b', ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  for (const message of [messageOf('a', []), messageOf(null, []), messageOf('b', []), now])
    ahead.hear(message);
  t.strictSame(ahead.likely(now), ['c', 'd', 'e', 'f']);
});

t.test('what was on show long ago may come again', async (t) => {
  const ahead = new Ahead();
  for (let i = 0; i <= 12; i++) ahead.hear(messageOf(`p${i}`, []));
  t.strictSame(ahead.likely(messageOf(null, ['p0', 'p1', 'p12'])), ['p0']);
});

t.test('where all were on show lately, any but the present one may', async (t) => {
  const ahead = new Ahead();
  for (const id of ['a', 'b', 'c']) ahead.hear(messageOf(id, []));
  t.strictSame(ahead.likely(messageOf(null, ['c', 'b', 'a'])), ['b', 'a']);
  t.strictSame(ahead.likely(messageOf(null, [])), []);
});
