import t from 'tap';
import { boundsOf, ticksOf, viewOf, WHOLE_PLANE } from '../../../web-client/console/plane-view.ts';

const box = (left: number, right: number, bottom: number, top: number) =>
  boundsOf([
    { valence: left, arousal: top },
    { valence: right, arousal: bottom },
  ]);

t.test('the view holds all pictures and the music, on round numbers', async (t) => {
  t.strictSame(viewOf([box(0.41, 0.6, 0.33, 0.66), box(0.5, 0.72, 0.5, 0.5)]), {
    valence: [0.35, 0.75],
    arousal: [0.3, 0.7],
  });
  t.strictSame(
    viewOf([box(0.5, 0.5, 1, 1)]),
    { valence: [0.4, 0.6], arousal: [0.8, 1] },
    'never a mere point',
  );
  t.strictSame(viewOf([box(0, 1, 0.01, 0.99)]), WHOLE_PLANE, 'and never beyond the plane');
  t.equal(boundsOf([]), undefined);
  t.equal(viewOf([undefined]), WHOLE_PLANE);
});

t.test('it stands still while the music moves about in it', async (t) => {
  const gallery = box(0.4, 0.6, 0.4, 0.6);
  const first = viewOf([gallery, box(0.5, 0.68, 0.5, 0.5)]);
  t.strictSame(first.valence, [0.35, 0.7]);
  t.equal(viewOf([gallery, box(0.5, 0.66, 0.5, 0.5)], first), first);
  t.equal(viewOf([gallery, box(0.5, 0.61, 0.5, 0.5)], first), first, 'a little less is no reason');
  t.strictSame(viewOf([gallery, box(0.5, 0.9, 0.5, 0.5)], first).valence, [0.35, 0.95]);
  const wide = viewOf([gallery, box(0.5, 0.9, 0.5, 0.5)]);
  t.strictSame(viewOf([gallery], wide).valence, [0.35, 0.65], 'much less is');
});

t.test('ticks are as dense as can be read', async (t) => {
  const labels = (low: number, high: number, pixels: number) =>
    ticksOf([low, high], pixels).map(({ label }) => label);
  t.strictSame(labels(0.35, 0.6, 250), ['0.35', '0.40', '0.45', '0.50', '0.55', '0.60']);
  t.strictSame(labels(0.35, 0.75, 250), ['0.4', '0.5', '0.6', '0.7']);
  t.strictSame(labels(0, 1, 250), ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  t.strictSame(labels(0, 1, 60), ['0.0', '0.5', '1.0']);
});
