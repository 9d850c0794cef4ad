import t from 'tap';
import { controlSchema } from '../../../streams/program/index.ts';
import { SLIDERS } from '../../../web-client/console/controls.ts';
import { askOfKey, HELP } from '../../../web-client/console/keys.ts';
import { positionOf, scaleOf, valueAt } from '../../../web-client/console/slider-scale.ts';
import { statusWith } from './support/status.ts';

/** What a key asks for. */
const asked = (key: string, differences: Parameters<typeof statusWith>[0] = {}) =>
  askOfKey(key)!({ status: statusWith(differences), onShow: 'seen' });

t.test('each control of the program has a key in the help', async (t) => {
  const status = { banks: ['warm'], bans: ['other'] };
  const controls = HELP.flatMap(({ keys }) => keys).flatMap((key) => {
    const ask = askOfKey(key);
    return ask === undefined ? [] : [asked(key, status)];
  });
  for (const control of controls) t.ok(controlSchema.safeParse(control).success, JSON.stringify(control));
  const all = controlSchema.options.map(({ shape }) => shape.control.value as string);
  const reached = new Set<string>(controls.map((control) => control!.control));
  t.strictSame(
    all.filter((name) => !reached.has(name)),
    [
      ...['display-fit', 'mood', 'mood-undo', 'mood-redo'],
      ...['hide', 'allow', 'list-undo', 'list-redo', 'source', 'channels', 'model'],
    ],
    'these are chosen from lists and panels, or done in the plane',
  );
  const keys = HELP.flatMap((row) => row.keys);
  t.equal(new Set(keys).size, keys.length, 'no key has two meanings');
  for (const key of ['s', 'm', 'e', '?']) t.ok(keys.includes(key) && askOfKey(key) === undefined);
});

t.test('pin, ban and allow name the picture', async (t) => {
  t.strictSame(asked('p'), { control: 'pin', image: 'seen' });
  t.strictSame(asked('P', { pin: 'other' }), { control: 'pin', image: null });
  t.strictSame(asked('x'), { control: 'ban', image: 'seen', on: true });
  t.strictSame(asked('a', { bans: ['first', 'last'] }), { control: 'ban', image: 'last', on: false });
  t.equal(asked('a'), null);
});

t.test('brackets step through the banks and all pictures in a circle', async (t) => {
  const banks = ['cold', 'warm'];
  const { settings } = statusWith();
  const from = (bank: string | null) => ({ banks, settings: { ...settings, bank } });
  t.strictSame(asked(']', from(null)), { control: 'bank', bank: 'cold' });
  t.strictSame(asked(']', from('warm')), { control: 'bank', bank: null });
  t.strictSame(asked('[', from(null)), { control: 'bank', bank: 'warm' });
  t.strictSame(asked('[', from('cold')), { control: 'bank', bank: null });
  t.equal(asked(']'), null, 'there are none');
});

t.test('steps end where the slider ends, and the dwells stay in order', async (t) => {
  const { settings } = statusWith();
  const at = (differences: Partial<typeof settings>) => ({ settings: { ...settings, ...differences } });
  t.strictSame(asked('+', at({ sensitivity: 0.98 })), { control: 'sensitivity', value: 1 });
  t.equal(asked('=', at({ sensitivity: 1 })), null);
  t.equal(asked('6', at({ crossfadeSeconds: 30 })), null);
  t.strictSame(asked('8', at({ smoothingSeconds: 60 })), { control: 'smoothing', seconds: 70 });
  t.strictSame(asked('7', at({ smoothingSeconds: 60 })), { control: 'smoothing', seconds: 59 });
  t.strictSame(asked('3', at({ minimumDwellSeconds: 16 })), {
    control: 'dwell',
    minimumSeconds: 15,
    maximumSeconds: 15,
  });
  t.strictSame(asked('r', at({ fit: 0.98 })), { control: 'fit', value: 1 });
  t.strictSame(asked('f', at({ fit: 0.25 })), { control: 'fit', value: 0.2 });
  t.strictSame(asked('ArrowUp', at({ moodOffset: { valence: 0.1, arousal: 0.2 } })), {
    control: 'mood-offset',
    valence: 0.1,
    arousal: 0.25,
  });
});

t.test('sliders reach all that the protocol takes, and nothing else', async (t) => {
  const { settings } = statusWith();
  for (const slider of SLIDERS) {
    const takes = (value: number) => controlSchema.safeParse(slider.control(value, settings)).success;
    const { low, high, step } = scaleOf(slider);
    t.equal(valueAt(slider, low), slider.low, slider.name);
    t.equal(valueAt(slider, high), slider.high, slider.name);
    t.ok(takes(slider.low) && takes(slider.high), slider.name);
    t.notOk(
      takes(slider.low - step) || takes(slider.high + step),
      `${slider.name}: its ends are the protocol’s`,
    );
    let last = -Infinity;
    for (let position = low; position <= high; position += step) {
      const value = valueAt(slider, position);
      if (value < last || !takes(value)) t.fail(`${slider.name} at ${position}: ${value}`);
      last = value;
      const again = valueAt(slider, positionOf(slider, value));
      if (Math.abs(again - value) > 0.02 * Math.abs(value) + slider.step)
        t.fail(`${slider.name}: ${value} becomes ${again}`);
    }
  }
});
