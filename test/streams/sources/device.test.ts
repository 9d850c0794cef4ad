import { fileURLToPath } from 'node:url';
import { Subscription, lastValueFrom } from 'rxjs';
import t from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { deviceSource, type SourceEvent } from '../../../streams/sources/index.ts';
import type { Capture, CaptureBackend, Device } from '../../../streams/sources/devices/device.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const RATE = 22050;
const FAKE = fileURLToPath(new URL('./support/fake-capture.mjs', import.meta.url));

const hall: Device = {
  name: 'hall',
  description: 'Hall PA',
  kind: 'input',
  isDefaultInput: true,
  isDefaultMonitor: false,
  rateHz: RATE,
  channels: 1,
  backend: 'pulse',
  address: 'hall',
  id: 'hall',
};

/** A backend whose capture program is the fake one: each opening plays the next script, the last one over and over. */
function fakeBackend(scripts: string[][], lists: (Device[] | SynestheteError)[] = [[hall]]) {
  let openings = 0;
  let listings = 0;
  const backend: CaptureBackend = {
    name: 'pulse',
    list: () => {
      const list = lists[Math.min(listings++, lists.length - 1)]!;
      return list instanceof Error ? Promise.reject(list) : Promise.resolve(list);
    },
    capture: () => ({
      program: process.execPath,
      args: [FAKE, ...scripts[Math.min(openings++, scripts.length - 1)]!],
      format: { encoding: 's16le', rateHz: RATE, channels: 1 },
      notice: (line) => {
        const [kind, value] = line.split('=');
        if (kind === 'listening') return { kind, device: value! };
        if (kind === 'overrun') return { kind, lostMs: Number(value) };
        if (kind === 'complaint') return { kind, text: value! };
        return undefined;
      },
    }),
  };
  return backend;
}

/** A clock on which pauses pass at once, while waits for data only pass when a test says so. */
class DeviceClock extends VirtualClock {
  readonly pauses: number[] = [];

  override sleep(ms: number, signal: AbortSignal): Promise<void> {
    const slept = super.sleep(ms, signal);
    if (ms < 1500 || ms === 2000 || ms === 4000 || ms === 5000) {
      this.pauses.push(ms);
      this.advance(ms);
    }
    return slept;
  }
}

/** Listens until `enough` has come. `each` hears every event first. */
function listen(
  backend: CaptureBackend,
  clock: VirtualClock,
  enough: (events: SourceEvent[]) => boolean,
  each: (event: SourceEvent) => void = () => undefined,
  [name, ...fallbacks]: readonly [string, ...string[]] = ['hall'],
): Promise<SourceEvent[]> {
  return new Promise((resolve, reject) => {
    const events: SourceEvent[] = [];
    const subscription = new Subscription();
    subscription.add(
      deviceSource(name, { backend, clock, fallbacks }).events.subscribe({
        next: (event) => {
          events.push(event);
          each(event);
          if (!enough(events)) return;
          subscription.unsubscribe();
          resolve(events);
        },
        error: reject,
      }),
    );
  });
}

const states = (events: SourceEvent[]) =>
  events.map((event) => (event.kind === 'status' ? event.state : event.kind));
const blocks = (n: number) => (events: SourceEvent[]) =>
  events.filter((event) => event.kind === 'block').length === n;

t.test('a device that ends is lost, looked for with growing pauses, and heard again', async (t) => {
  const clock = new DeviceClock();
  const away = new SynestheteError('DEVICE_NOT_FOUND', 'the sound server is away');
  const lists = [[hall], [], [], away, [], [], [], [], [hall]];
  const backend = fakeBackend(
    [
      ['send:441', 'exit:3'],
      ['send:441', 'hang'],
    ],
    lists,
  );
  const events = await listen(backend, clock, blocks(2));
  t.same(states(events), [
    ...['delivering', 'block', 'lost', 'gap'],
    ...Array<string>(8).fill('retrying'),
    ...['delivering', 'block'],
  ]);
  t.same(clock.pauses, [250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  t.match(events[2], { message: /^hall \(Hall PA\) is lost: .* ended with code 3/ });
  t.match(events[3], { atSample: 441 });
  // 22.75 s went by; the second block had begun to sound 20 ms before it arrived.
  t.match(events.at(-1), { startSample: Math.round(22.75 * RATE) });
});

t.test('a device that says nothing any more is lost after 1.5 s', async (t) => {
  const clock = new DeviceClock();
  const backend = fakeBackend([['send:441', 'hang']]);
  let lostAtMs: number | undefined;
  const watch = async () => {
    await new Promise(setImmediate); // the block has been dealt with
    await clock.asleep();
    clock.advance(1499);
    await new Promise(setImmediate);
    t.equal(lostAtMs, undefined, 'not before');
    clock.advance(1);
  };
  const events = await listen(backend, clock, blocks(2), (event) => {
    if (event.kind === 'block' && event.startSample === 0) void watch();
    if (event.kind === 'status' && event.state === 'lost') lostAtMs = clock.nowMs();
  });
  t.same(states(events), ['delivering', 'block', 'lost', 'gap', 'retrying', 'delivering', 'block']);
  t.equal(lostAtMs, 1500);
  t.match(events[2], { message: 'hall (Hall PA) is lost: no sound arrives from it' });
  t.match(events.at(-1), { startSample: Math.round(1.75 * RATE) });
});

t.test('a device that does not begin is reported, and opened again', async (t) => {
  const clock = new DeviceClock();
  const backend = fakeBackend([['hang'], ['send:441', 'hang']]);
  void clock.asleep().then(async () => {
    clock.advance(1500);
    await new Promise(setImmediate);
    await clock.asleep();
    clock.advance(3500);
  });
  const events = await listen(backend, clock, blocks(1));
  t.same(states(events), ['lost', 'retrying', 'delivering', 'block']);
  t.match(events[0], { message: 'hall (Hall PA) is lost: nothing has come from it yet' });
  t.match(events.at(-1), { startSample: 0 }, 'what never began has no gap');
});

t.test('another device that takes its place is not listened to', async (t) => {
  const clock = new DeviceClock();
  const backend = fakeBackend([
    ['say:listening=loudspeakers', 'hang'],
    ['say:listening=hall', 'send:441', 'hang'],
  ]);
  const events = await listen(backend, clock, blocks(1));
  t.same(states(events), ['lost', 'retrying', 'delivering', 'block']);
  t.match(events[0], { message: /it is gone \(loudspeakers was offered instead\)/ });
});

t.test('what the capture program complains of is reported', async (t) => {
  const backend = fakeBackend([
    ['say:complaint=Device or resource busy', 'exit:1'],
    ['send:441', 'hang'],
  ]);
  const events = await listen(backend, new DeviceClock(), blocks(1));
  t.match(events[0], { state: 'lost', message: 'hall (Hall PA) is lost: Device or resource busy' });
});

t.test('a capture program that is missing is an error, unless sound came before', async (t) => {
  const gone = (openings: number): CaptureBackend => {
    const backend = fakeBackend([['send:441', 'exit:0']]);
    let opened = 0;
    return {
      ...backend,
      capture: (device) => {
        const capture = backend.capture(device) as Capture;
        return opened++ < openings ? capture : { ...capture, program: 'no-such-capture-program' };
      },
    };
  };
  await t.rejects(listen(gone(0), new DeviceClock(), blocks(1)), {
    code: 'PROGRAM_MISSING',
    message: /no-such-capture-program is needed to hear hall \(Hall PA\)/,
  });
  const retried = (events: SourceEvent[]) => states(events).filter((state) => state === 'retrying').length;
  t.same(states(await listen(gone(1), new DeviceClock(), (events) => retried(events) === 3)), [
    ...['delivering', 'block', 'lost', 'gap'],
    ...['retrying', 'retrying', 'retrying'],
  ]);
});

const webcam: Device = {
  ...hall,
  name: 'webcam',
  description: 'Webcam',
  address: 'webcam',
  id: 'webcam',
};

/** Reports and the devices that they name, in their order. */
const reportsOf = (events: SourceEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'status' ? [`${event.state} ${event.device?.description}`] : [event.kind],
  );

t.test('a device that is unplugged while it is opened is waited for', async (t) => {
  const others = [{ ...webcam, isDefaultInput: true }];
  const backend = fakeBackend(
    [
      ['say:complaint=No such entity', 'exit:1'],
      ['send:441', 'hang'],
    ],
    [[hall], others, others, [{ ...hall, description: 'Hall PA 2', isDefaultInput: false }, ...others]],
  );
  const events = await listen(backend, new DeviceClock(), blocks(1), undefined, ['default']);
  t.same(reportsOf(events), [
    'lost Hall PA',
    ...Array<string>(3).fill('retrying Hall PA'),
    'delivering Hall PA 2',
    'block',
  ]);
  t.match(events[1], { message: /^looking for hall \(Hall PA\) again/ });
});

t.test('a device that is there and gives nothing leaves its place to the fallback', async (t) => {
  const clock = new DeviceClock();
  const backend = fakeBackend(
    [
      ['send:441', 'exit:1'],
      ['say:complaint=Device or resource busy', 'exit:1'],
      ['say:complaint=Device or resource busy', 'exit:1'],
      ['send:441', 'hang'],
    ],
    [[hall, webcam]],
  );
  const events = await listen(backend, clock, blocks(2), undefined, ['hall', 'webcam']);
  t.match(reportsOf(events).slice(0, 5), [
    'delivering Hall PA',
    'block',
    'lost Hall PA',
    'gap',
    'retrying Hall PA',
  ]);
  t.same(reportsOf(events).slice(-2), ['delivering Webcam', 'block']);
  t.match(events.at(-2), {
    message: 'hearing webcam (Webcam), 22050 Hz, 1 channels while hall (Hall PA) is away',
  });
});

t.test('a device that never was there is an error', async (t) => {
  const open = (list: Device[] | SynestheteError) =>
    lastValueFrom(deviceSource('gramophone', { backend: fakeBackend([[]], [list]) }).events);
  await t.rejects(open([hall]), { code: 'DEVICE_NOT_FOUND', message: /there is hall \(Hall PA\)/ });
  await t.rejects(open(new SynestheteError('PROGRAM_MISSING', 'nothing there')), { code: 'PROGRAM_MISSING' });
});
