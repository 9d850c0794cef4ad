import t from 'tap';
import { explainFit } from '../../../web-client/console/explain-fit.ts';

t.test('each picture that comes next has a reason', async (t) => {
  const target = { valence: 0.5, arousal: 0.5 };
  const point = { valence: 0.4, arousal: 0.75 };
  t.match(explainFit(0.8125, 'live', target, point), {
    label: 'fit 81 %',
    fit: 0.81,
    meaning: /best of all/,
  });
  t.match(
    explainFit(-0.2, 'live', target, undefined),
    { label: 'fit 0 %', fit: 0 },
    'nothing is worse than chance',
  );
  t.match(explainFit(null, 'live', target, point), {
    label: 'ΔV 0.10 ΔA 0.25',
    fit: null,
    meaning: /0\.10.*0\.25/,
  });
  t.match(explainFit(null, 'live', null, point), { label: 'no prediction yet', fit: null });
  t.equal(explainFit(null, 'live', target, undefined).label, '', 'the gallery is not known yet');
  t.match(explainFit(1, 'idle', target, point), { label: 'calm', meaning: /no music/, fit: null });
});
