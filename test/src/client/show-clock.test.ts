import t from 'tap';
import { ShowClock } from '../../../src/client/show-clock.ts';

t.test('the state with the shortest delay tells the time of the show', async (t) => {
  const clock = new ShowClock();
  t.equal(clock.offsetSeconds, null);
  // The show began at 100 s of this machine; states come 50, 10 and 400 ms late.
  for (const [time, delay] of [
    [1, 0.05],
    [2, 0.01],
    [3, 0.4],
  ] as const) {
    clock.hear(time, 100 + time + delay);
  }
  t.ok(Math.abs(clock.offsetSeconds! - -100.01) < 1e-9);
});

t.test('a clock that drifts is followed within a minute', async (t) => {
  const clock = new ShowClock();
  const drift = 1e-3;
  for (let time = 0; time < 300; time++) clock.hear(time * (1 - drift), time);
  const offset = clock.offsetSeconds!;
  t.ok(offset < -0.3 + 0.062, `${offset} s of -0.3 s`);
});

t.test('a replay that begins again has another clock at once', async (t) => {
  const clock = new ShowClock();
  clock.hear(60, 100);
  clock.hear(0, 101);
  t.equal(clock.offsetSeconds, -101);
});
