import t from 'tap';
import { why } from '../../../web-client/console/why.ts';

t.test('each picture that comes next has a reason', async (t) => {
  const target = { valence: 0.5, arousal: 0.5 };
  const point = { valence: 0.4, arousal: 0.75 };
  t.match(why(0.8125, 'live', target, point), { label: 'fit 81 %', fit: 0.81, meaning: /best of all/ });
  t.match(
    why(-0.2, 'live', target, undefined),
    { label: 'fit 0 %', fit: 0 },
    'worse than chance is not told',
  );
  t.match(why(null, 'live', target, point), { label: 'ΔV 0.10 ΔA 0.25', fit: null, meaning: /0\.10.*0\.25/ });
  t.match(why(null, 'live', null, point), { label: 'no reading yet', fit: null });
  t.equal(why(null, 'live', target, undefined).label, '', 'the gallery is not known yet');
  t.match(why(1, 'idle', target, point), { label: 'calm', meaning: /no music/, fit: null });
});
