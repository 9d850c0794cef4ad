import t from 'tap';
import { why } from '../../../web-client/console/why.ts';
import { messageWith } from './support/status.ts';

t.test('each picture that comes next has a reason', async (t) => {
  const live = messageWith(1, 'live');
  const noPush = { valence: 0, arousal: 0 };
  const point = { valence: 0.4, arousal: 0.75 };
  t.match(why(0.8125, live, noPush, point), { label: 'fit 81 %', fit: 0.81, meaning: /best of all/ });
  t.match(why(-0.2, live, noPush, undefined), { label: 'fit 0 %', fit: 0 }, 'worse than chance is not told');
  t.match(why(null, live, noPush, point), { label: 'ΔV 0.10 ΔA 0.25', fit: null, meaning: /0\.10.*0\.25/ });
  const push = { valence: 0.1, arousal: 0.2 };
  t.equal(why(null, live, push, point).label, 'ΔV 0.20 ΔA 0.05', 'of the pushed music');
  t.equal(why(null, live, noPush, undefined).label, '', 'the gallery is not known yet');
  t.match(why(1, messageWith(2, 'idle'), noPush, point), { label: 'calm', meaning: /no music/, fit: null });
});
