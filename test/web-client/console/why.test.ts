import t from 'tap';
import { why } from '../../../web-client/console/why.ts';
import { messageWith } from './support/status.ts';

t.test('each picture that comes next has a reason', async (t) => {
  const live = { ...messageWith(1, 'live'), candidates: [{ id: 'a', score: 0.8125 }] };
  const noPush = { valence: 0, arousal: 0 };
  const point = { valence: 0.4, arousal: 0.75 };
  t.equal(why('a', live, noPush, point), '0.813');
  t.equal(why('b', live, noPush, point), 'ΔV 0.10 ΔA 0.25');
  t.equal(why('b', live, { valence: 0.1, arousal: 0.2 }, point), 'ΔV 0.20 ΔA 0.05', 'of the pushed music');
  t.equal(why('b', live, noPush, undefined), '', 'the gallery is not known yet');
  t.equal(why('a', messageWith(2, 'idle'), noPush, point), 'idle');
});
