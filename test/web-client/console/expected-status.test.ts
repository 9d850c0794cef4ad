import t from 'tap';
import { advance, catalogueOf, initialState, type Control } from '../../../streams/program/index.ts';
import { askOfKey } from '../../../web-client/console/keys.ts';
import { ExpectedStatus } from '../../../web-client/console/expected-status.ts';
import { messageWith, statusWith } from './support/status.ts';

/** A desk that knows how the show stands. */
function desk(): { expected: ExpectedStatus; press: (key: string) => number } {
  const expected = new ExpectedStatus();
  expected.answer(expected.request(), { message: messageWith(1, 'live'), status: statusWith() });
  let refs = 0;
  return {
    expected,
    press(key) {
      const control = askOfKey(key)!({ status: expected.status!, onShow: 'a' });
      expected.send(++refs, control!);
      return refs;
    },
  };
}

t.test('keys that are pressed before the server answers all count', async (t) => {
  const { expected, press } = desk();
  press('b');
  t.equal(expected.status!.blackout, true);
  press('b');
  t.equal(expected.status!.blackout, false);
  for (let i = 0; i < 5; i++) press('-');
  t.equal(expected.status!.settings.sensitivity, 0.45);
  press('2');
  press('4');
  t.match(expected.status!.settings, { minimumDwellSeconds: 4.5, maximumDwellSeconds: 17 });
});

t.test('a control of the settings changes what it changes in the program', async (t) => {
  const { expected } = desk();
  const controls: Control[] = [
    { control: 'gate', decibels: -20 },
    { control: 'dwell', minimumSeconds: 3, maximumSeconds: 9 },
    { control: 'mood-offset', valence: 0.25, arousal: -0.5 },
    { control: 'bank', bank: 'dawn' },
  ];
  const picture = { id: 'a', bank: 'dawn', unsafe: false, valence: 0.5, arousal: 0.5 };
  let state = initialState(expected.status!.settings, catalogueOf([picture]));
  controls.forEach((control, i) => {
    expected.send(i, control);
    ({ state } = advance(state, { kind: 'control', atSeconds: i, control }));
    t.match(state.settings, expected.status!.settings, control.control);
  });
});

t.test('a control is expected until an answer that was asked for after its reply', async (t) => {
  const { expected, press } = desk();
  const before = expected.request();
  const ref = press('h');
  expected.answer(before, { message: null, status: statusWith() });
  t.equal(expected.status!.hold, true, 'an answer on its way when the key was pressed knows nothing of it');
  const after = expected.request();
  expected.reply(ref, true);
  expected.answer(after, { message: null, status: statusWith() });
  t.equal(expected.status!.hold, true, 'nor need one that was asked for before the reply');
  expected.answer(expected.request(), { message: null, status: statusWith() });
  t.equal(expected.status!.hold, false, 'another desk let it go since');
});

t.test('what was refused, or lost with the connection, is not expected', async (t) => {
  const { expected, press } = desk();
  expected.reply(press('h'), false);
  t.equal(expected.status!.hold, false);
  press('b');
  expected.lose();
  t.equal(expected.status!.blackout, false);
});

t.test('an answer that was overtaken changes nothing', async (t) => {
  const { expected } = desk();
  const slow = expected.request();
  expected.answer(expected.request(), { message: null, status: statusWith({ gaps: 2 }) });
  expected.answer(slow, { message: null, status: statusWith({ gaps: 1 }) });
  t.equal(expected.status!.gaps, 2);
});

t.test('the stream tells hold and blackout before the next answer', async (t) => {
  const { expected } = desk();
  expected.hear(messageWith(2, 'blackout'));
  t.equal(expected.status!.blackout, true);
  expected.hear(messageWith(3, 'hold'));
  t.match(expected.status, { blackout: false, hold: true });
  expected.hear(messageWith(4, 'idle'));
  t.match(expected.status, { blackout: false, hold: false, pin: null });
  expected.answer(expected.request(), {
    message: messageWith(5, 'hold'),
    status: statusWith({ pin: 'a' }),
  });
  t.match(expected.status, { hold: false, pin: 'a' }, 'an answer is newer than the message before it');
  expected.hear(messageWith(6, 'hold'));
  t.match(expected.status, { hold: false, pin: 'a' }, 'a pin holds too');
});

t.test('a source is expected under its own name', async (t) => {
  const { expected } = desk();
  expected.send(1, { control: 'source', source: 'device:mixer: left' });
  t.match(expected.status!.source, { kind: 'device', name: 'mixer: left' });
  expected.send(2, { control: 'source', source: 'browser' });
  t.equal(expected.status!.source.name, 'browser');
});
