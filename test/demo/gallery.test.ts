import { readFile } from 'node:fs/promises';
import t from 'tap';
import { demoCatalogue } from '../support/demo-catalogue.ts';

/*
 * The built-in pictures must reach to all sides of the plane as the built-in model sees it, or the show can't follow the
 * music there.
 */

interface Described {
  readonly constant: { readonly image: { readonly valence: number; readonly arousal: number } };
}

t.test('the built-in pictures spread over the plane as the model sees it', async (t) => {
  const { pictures } = await demoCatalogue(t);
  const described = JSON.parse(
    await readFile(new URL('../../models/pretrained/model.json', import.meta.url), 'utf8'),
  ) as Described;
  // What the model says of a picture of which it knows nothing: the mean of those that it has learnt from.
  const middle = described.constant.image;
  t.ok(pictures.length >= 60 && pictures.length <= 96, `${pictures.length} pictures`);
  for (const isPleasant of [false, true]) {
    for (const isExcited of [false, true]) {
      const quadrant = pictures.filter(
        ({ valence, arousal }) =>
          valence > middle.valence === isPleasant && arousal > middle.arousal === isExcited,
      );
      const name = `${isPleasant ? 'pleasant' : 'unpleasant'} and ${isExcited ? 'excited' : 'calm'}`;
      t.ok(quadrant.length >= 8, `${name}: ${quadrant.length}`);
    }
  }
  for (const [axis, widest] of [
    ['valence', 0.5],
    ['arousal', 0.35],
  ] as const) {
    const values = pictures.map((picture) => picture[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    t.ok(most - least > widest, `${axis} from ${least.toFixed(2)} to ${most.toFixed(2)}`);
  }
});
