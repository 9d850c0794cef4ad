import { concat, defer, NEVER, of, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import t, { type Test } from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { switchSources, type Source, type SourceEvent } from '../../../streams/sources/index.ts';

const block = (startSample: number): SourceEvent => ({
  kind: 'block',
  startSample,
  samples: new Float32Array(10),
  arrivedAtMs: 0,
});
const away = throwError(() => new SynestheteError('DEVICE_NOT_FOUND', 'there is no mixer'));

const source = (events: Observable<SourceEvent>, kind: Source['kind'] = 'device'): Source => ({
  name: 'mixer',
  kind,
  events,
});

/** An event in a few characters. */
function brief(event: SourceEvent): string {
  if (event.kind === 'status') return `${event.state}: ${event.message}`;
  return event.kind === 'gap' ? `gap ${event.atSample}` : `block ${event.startSample}`;
}

/** What was reported until `seconds` have gone by, each with its second. */
function told(sources: Observable<Source>, seconds: number, firstMayFail = false): string[] {
  const lines: string[] = [];
  const scheduler = new TestScheduler(() => true);
  scheduler.maxFrames = seconds * 1000;
  const subscription = sources.pipe(switchSources({ firstMayFail, scheduler })).subscribe({
    next: (event) => lines.push(`${scheduler.now() / 1000} ${brief(event)}`),
    error: (error: Error) => lines.push(`failed: ${error.message}`),
    complete: () => lines.push('complete'),
  });
  scheduler.flush();
  subscription.unsubscribe();
  return lines;
}

/** A device that is there at the attempts that `isThere` names, and goes away after a block. */
function device(isThere: (attempt: number) => boolean): Observable<SourceEvent> {
  let attempt = 0;
  return defer(() => (isThere(++attempt) ? concat(of(block(0)), away) : away));
}

t.test('a source that is not there is reported, and tried again with growing pauses', async (t: Test) => {
  const mixer = source(device((attempt) => attempt === 7));
  t.strictSame(told(concat(of(mixer), NEVER), 40), [
    '0 lost: there is no mixer (tried again in 1 s)',
    '1 retrying: there is no mixer (tried again in 2 s)',
    '3 retrying: there is no mixer (tried again in 4 s)',
    '7 retrying: there is no mixer (tried again in 8 s)',
    '15 retrying: there is no mixer (tried again in 10 s)',
    '25 retrying: there is no mixer (tried again in 10 s)',
    '35 block 0',
    '35 lost: there is no mixer (tried again in 1 s)',
    '36 retrying: there is no mixer (tried again in 2 s)',
    '38 retrying: there is no mixer (tried again in 4 s)',
  ]);
});

t.test('one clock for all, with one gap before the sound of each', async (t) => {
  const mixer = source(device((attempt) => attempt % 2 === 1));
  const lines = told(concat(of(mixer), NEVER), 4).filter((line) => !line.includes('mixer'));
  t.strictSame(lines, ['0 block 0', '3 gap 10', '3 block 10']);
});

t.test('another source takes the place of one that is looked for', async (t) => {
  const lines = told(of(source(away), source(of(block(0)))), 60);
  t.strictSame(lines, ['0 lost: there is no mixer (tried again in 1 s)', '0 block 0', 'complete']);
});

t.test('the first one may fail the show, until there was sound; the next may not', async (t) => {
  t.strictSame(told(of(source(away)), 9, true), ['failed: there is no mixer']);
  const [first, second] = told(of(source(concat(of(block(0)), away))), 0, true);
  t.strictSame([first, second], ['0 block 0', '0 lost: there is no mixer (tried again in 1 s)']);
  t.match(told(of(source(NEVER), source(away)), 0, true), [/^0 lost/]);
});

t.test('standard input is not opened twice', async (t) => {
  t.strictSame(told(concat(of(source(away, 'stdin')), NEVER), 60), ['0 lost: there is no mixer']);
});
