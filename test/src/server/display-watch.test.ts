import t from 'tap';
import { Clients, DisplayWatch } from '../../../src/server/displays/index.ts';
import { LIMITS } from '../../../src/server/limits.ts';
import type { DisplayReport, ShowMessage } from '../../../src/server/protocol/index.ts';
import { Client } from './support/client.ts';
import { stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

/** A watch on a clock of the test's own. */
function watched() {
  const clients = new Clients(LIMITS);
  const log: string[] = [];
  const now = { ms: 0 };
  const show = { state: 'live', image: { id: 'a', url: '', width: 1, height: 1 }, since: 0, crossfade: 1 };
  const asked = show as { -readonly [K in keyof ShowMessage['show']]: ShowMessage['show'][K] };
  const watch = new DisplayWatch({
    clients,
    asked: () => asked,
    badAfterMs: 10_000,
    log: (kind, line) => log.push(`${kind}: ${line}`),
    nowMs: () => now.ms,
  });
  watch.close();
  const join = (name: string | null) => {
    const display = clients.add('ws', { address: '10.0.0.7', proxied: false }, false);
    display.name = name;
    watch.look();
    return display;
  };
  const health = () => watch.list().map(({ health: { state, why } }) => [state, why]);
  return { clients, watch, log, now, asked, join, health };
}

const report = (fields: Partial<DisplayReport> = {}): DisplayReport => ({
  type: 'report',
  picture: 'a',
  ...fields,
});

t.test('a display is bad after 10 s without a good report, whatever the fault is', async (t) => {
  const cases: [Partial<DisplayReport> | null, RegExp][] = [
    [null, /does not report/],
    [{ error: 'this browser lacks findLastIndex' }, /^this browser lacks findLastIndex$/],
    [{ visible: false }, /hidden/],
    [{ picture: 'b' }, /not show the picture on show/],
    [{ picture: null }, /not show the picture on show/],
    [{ black: true }, /black, and there is no blackout/],
  ];
  for (const [bad, why] of cases) {
    const { watch, now, join, health } = watched();
    const display = join('left');
    t.strictSame(health(), [['new', null]]);
    watch.take(display, report());
    t.strictSame(health(), [['good', null]]);
    for (now.ms = 1000; now.ms <= 10_000; now.ms += 1000) if (bad !== null) watch.take(display, report(bad));
    now.ms = 10_000;
    t.strictSame(health(), [['good', null]], 'for as long as it may be a passing thing');
    now.ms = 10_001;
    t.match(health(), [['bad', why]]);
    t.match(watch.counts(), { good: 0, new: 0, bad: 1, gone: 0 });
    watch.take(display, report());
    t.strictSame(health(), [['good', null]], 'and good again with the next good report');
  }
});

t.test('a display that never reports is bad, too; a console and a listener are no displays', async (t) => {
  const { now, join, health } = watched();
  join(null);
  join('console').role = 'console';
  join('lights').role = 'listener';
  t.strictSame(health(), [['new', null]]);
  now.ms = 10_001;
  t.match(health(), [['bad', /does not report/]]);
});

t.test('in a blackout black is good, and a picture is not', async (t) => {
  const { watch, asked, now, join, health } = watched();
  const display = join('left');
  asked.state = 'blackout';
  watch.take(display, report({ black: true }));
  t.strictSame(health(), [['good', null]]);
  now.ms = 10_001;
  watch.take(display, report());
  t.match(health(), [['bad', /not black/]]);
});

t.test('the log names each bad display once, in one line a minute for each fault', async (t) => {
  const { watch, log, now, join } = watched();
  const left = join('left');
  const right = join('right');
  const pass = (seconds: number, each: () => void) => {
    for (let i = 0; i < seconds; i++) {
      now.ms += 1000;
      each();
      watch.look();
    }
  };
  pass(300, () => {
    watch.take(left, report({ error: 'no frames' }));
    watch.take(right, report());
  });
  t.strictSame(log, ['display error: reports an error: display "left" (group main, 10.0.0.7): no frames']);
  pass(20, () => undefined);
  t.match(log.slice(1), [/^display silent: does not report what it shows: display "right" \(/]);
  // The line at the end of the minute names all that are bad.
  const third = join(null);
  pass(30, () => undefined);
  t.equal(log.length, 2);
  pass(31, () => undefined);
  t.match(log.slice(2), [/: display "right" .*, without a name \(/]);
  pass(1, () => {
    watch.take(third, report());
  });
  pass(600, () => undefined);
  t.equal(log.length, 4, 'one that was good and is bad again is news, what stays bad is not');
});

t.test(
  'a display whose connection breaks is gone until it is back; one that says farewell is not',
  async (t) => {
    const { clients, watch, log, now, join, health } = watched();
    const leave = (display: ReturnType<typeof join>, hasFailed: boolean) => {
      clients.remove(display);
      watch.leave(display, hasFailed);
      watch.look();
    };
    const left = join('left');
    watch.take(left, report());
    leave(left, true);
    t.match(health(), [['gone', /failed/]]);
    t.match(log, [/^display gone: gone: .*: display "left"/]);
    const again = join('left');
    watch.take(again, report());
    t.strictSame(health(), [['good', null]]);
    leave(again, false);
    t.strictSame(health(), []);
    leave(join('never good'), true);
    t.strictSame(health(), [], 'a stranger that never showed anything leaves nothing behind');
    for (let i = 0; i < 100; i++) {
      const display = join(`stranger ${i}`);
      watch.take(display, report());
      leave(display, true);
    }
    t.equal(health().length, 32);
    now.ms += 600_001;
    watch.look();
    t.strictSame(health(), []);
  },
);

t.test('displays report over their own connection, without a token, and control nothing', async (t) => {
  const token = 'token-of-the-test';
  const options = { token, limits: { badAfterMs: 500 } };
  const { show, at, log } = await serve(t, options);
  show.states.next(stateOf('a'));
  const display = await Client.open(`ws://${at}/stream?name=left&group=2`);
  await display.state(0);
  const list = async () => {
    const response = await fetch(`http://${at}/api/displays`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return ((await response.json()) as { displays: { health: { state: string }; report: object }[] })
      .displays;
  };
  const until = async (state: string) => {
    for (;;) {
      const displays = await list();
      if (displays[0]?.health.state === state) return displays;
      await new Promise((go) => setTimeout(go, 20));
    }
  };
  display.send({ type: 'report', picture: 'a', width: 1920, height: 1080, wake: 'none', delay: 12 });
  t.match(await until('good'), [
    { name: 'left', group: 2, control: false, report: { picture: 'a', wake: 'none', delay: 12 } },
  ]);
  t.equal(display.messages.length, 1, 'a report is not answered');
  display.send({ type: 'report', picture: 'a', ref: 7 });
  t.match(await display.reply(7), { ok: true, control: false });
  for (const wrong of [
    { picture: 'x'.repeat(65) },
    { picture: 'a', error: 'two\nlines' },
    { picture: 'a', error: 'x'.repeat(201) },
    { picture: 'a', width: -1 },
    { picture: 'a', token },
    { picture: 'a', control: { control: 'next' } },
  ]) {
    display.send({ type: 'report', ref: 'wrong', ...wrong });
    t.match(await display.reply('wrong'), { ok: false, error: { code: 'malformed' } }, JSON.stringify(wrong));
    display.messages.pop();
  }
  await until('bad');
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, /^synesthete_displays\{health="bad"\} 1$/m);
  t.match(metrics, /^synesthete_displays\{health="good"\} 0$/m);
  while (log.length === 0) await new Promise((go) => setTimeout(go, 50));
  t.match(log, [/^does not report .*: display "left" \(group 2, 127\.0\.0\.1\)/]);
  t.equal((await fetch(`http://${at}/api/displays`)).status, 401);
  t.strictSame(show.asked, []);
  display.socket.terminate();
  t.match(await until('gone'), [{ name: 'left' }]);
});
