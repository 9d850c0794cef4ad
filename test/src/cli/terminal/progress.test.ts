import { Writable } from 'node:stream';
import t from 'tap';
import { Progress, duration, type ProgressClock } from '../../../../src/cli/terminal/progress.ts';

/** A clock that a test moves. */
class VirtualClock implements ProgressClock {
  #nowMs = 0;
  #timers: { readonly everyMs: number; readonly tick: () => void; nextMs: number }[] = [];

  nowMs = (): number => this.#nowMs;

  every = (everyMs: number, tick: () => void): (() => void) => {
    const timer = { everyMs, tick, nextMs: this.#nowMs + everyMs };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  get timers(): number {
    return this.#timers.length;
  }

  pass(seconds: number): void {
    const end = this.#nowMs + 1000 * seconds;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.nextMs - b.nextMs);
      if (next === undefined || next.nextMs > end) break;
      this.#nowMs = next.nextMs;
      next.nextMs += next.everyMs;
      next.tick();
    }
    this.#nowMs = end;
  }
}

class Sink extends Writable {
  text = '';
  isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

t.test('outside a terminal there is a line every 10 s, and nothing of what is quick', (t) => {
  const [clock, stream] = [new VirtualClock(), new Sink(false)];
  const progress = new Progress('files', { total: 40, clock, stream });
  clock.pass(9);
  for (let i = 0; i < 4; i++) progress.step();
  t.equal(stream.text, '');
  clock.pass(1);
  t.equal(stream.text, 'synesthete: 4 of 40 files, 2 min to go\n');
  clock.pass(10);
  t.equal(stream.text.split('\n').length - 1, 2, 'also while nothing is done');
  progress.update(20, { tail: 'epoch 1/2' });
  clock.pass(10);
  t.match(stream.text, /synesthete: 20 of 40 files, epoch 1\/2\n$/u);
  progress.stop();
  clock.pass(60);
  t.equal(stream.text.split('\n').length - 1, 3);
  t.equal(clock.timers, 0);
  t.end();
});

t.test('what was done before counts for nothing in the time that is left', (t) => {
  const [clock, stream] = [new VirtualClock(), new Sink(false)];
  const progress = new Progress('pictures', { total: 1000, clock, stream });
  progress.update(901);
  clock.pass(5);
  progress.update(910);
  clock.pass(5);
  t.equal(stream.text, 'synesthete: 910 of 1000 pictures, 2 min to go\n');
  progress.stop();
  t.end();
});

t.test('without a total it says how much is done', (t) => {
  const [clock, stream] = [new VirtualClock(), new Sink(false)];
  const progress = new Progress('s of sound', { clock, stream });
  progress.update(12.4, { tail: '30.1 times real time' });
  clock.pass(10);
  t.equal(stream.text, 'synesthete: 12 s of sound, 30.1 times real time\n');
  progress.stop();
  t.end();
});

t.test('on a terminal it is drawn and taken away, and lines of a log are none', (t) => {
  for (const options of [{}, { total: 3 }]) {
    const [clock, stream] = [new VirtualClock(), new Sink(true)];
    const progress = new Progress('files', { ...options, clock, stream });
    clock.pass(1);
    progress.step();
    clock.pass(30);
    t.notMatch(stream.text, 'synesthete:');
    if (!('total' in options)) t.equal(stream.text, '\r\x1b[2K1 files');
    progress.stop();
    if (!('total' in options)) t.equal(stream.text, '\r\x1b[2K1 files\r\x1b[2K');
  }
  const stream = new Sink(true);
  const hidden = new Progress('files', { onTerminal: false, stream, clock: new VirtualClock() });
  hidden.step();
  hidden.stop();
  t.equal(stream.text, '');
  t.end();
});

t.test('times as people say them', (t) => {
  t.same([5, 61, 3600, 5400].map(duration), ['5 s', '1 min', '1 h 0 min', '1 h 30 min']);
  t.end();
});
