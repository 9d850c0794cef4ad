import { Observable, Subject } from 'rxjs';
import { systemClock, type Clock } from './clock.ts';
import type { PcmFormat } from './pcm.ts';
import type { Source, SourceEvent, SourceStatus } from './source.ts';
import { Stretches } from './stretches.ts';

/** Report a feed as lost after this silence. */
const LOST_AFTER_MS = 1500;

/**
 * A source that others push sound into: a browser's microphone, another program. It never completes: while nobody feeds
 * it is `lost`, and it goes on, moved on by what was missed, when somebody does again. What is pushed while nobody
 * listens is gone.
 */
export class SoundFeed implements Source {
  readonly name: string;
  readonly kind = 'feed';
  readonly events: Observable<SourceEvent>;
  readonly #clock: Clock;
  readonly #arriving = new Subject<SourceEvent>();
  readonly #stretches: Stretches;
  #status: SourceStatus;
  #feeding: { readonly watch: AbortController; feeder: string; heardAtMs: number } | undefined;

  constructor(name: string, clock: Clock = systemClock) {
    this.name = name;
    this.#clock = clock;
    this.#stretches = this.#newStretches();
    this.#status = { kind: 'status', state: 'lost', message: `${name}: nobody sends sound yet` };
    this.events = new Observable((subscriber) => {
      subscriber.next(this.#status);
      return this.#arriving.subscribe(subscriber);
    });
  }

  /** Whether sound came not long ago. */
  get delivering(): boolean {
    return this.#status.state === 'delivering' || this.#status.state === 'silent';
  }

  /** @param feeder names who sends, in messages. @throws SynestheteError OUT_OF_RANGE for an impossible format. */
  begin(format: PcmFormat, feeder: string): void {
    this.end('another one feeds');
    this.#stretches.begin(format);
    this.#feeding = { watch: new AbortController(), feeder, heardAtMs: this.#clock.nowMs() };
    void this.#watch(this.#feeding.watch.signal);
  }

  /** Interleaved samples of the format that was begun, torn anywhere. */
  push(bytes: Uint8Array): void {
    if (this.#feeding === undefined) return;
    const nowMs = this.#clock.nowMs();
    this.#feeding.heardAtMs = nowMs;
    if (!this.delivering) this.#tell('delivering', `hearing ${this.#feeding.feeder}`);
    const change = this.#stretches.push(bytes, nowMs);
    if (change === 'silent') {
      this.#tell('silent', `${this.#feeding.feeder} sends nothing but silence: is it muted?`);
    }
    if (change === 'sound') this.#tell('delivering', `${this.#feeding.feeder} is heard again`);
  }

  /** The feeder has gone. */
  end(reason: string): void {
    if (this.#feeding === undefined) return;
    const { feeder, watch } = this.#feeding;
    this.#feeding = undefined;
    watch.abort();
    this.#lose(`${feeder} is gone: ${reason}`);
  }

  #lose(message: string): void {
    if (this.delivering) this.#tell('lost', message);
    this.#stretches.end(message);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(LOST_AFTER_MS / 3, signal);
      if (signal.aborted || this.#feeding === undefined) return;
      const { feeder, heardAtMs } = this.#feeding;
      if (this.delivering && this.#clock.nowMs() - heardAtMs >= LOST_AFTER_MS) {
        this.#lose(`${feeder} sends nothing any more`);
      }
    }
  }

  #newStretches(): Stretches {
    return new Stretches(this.name, 'silence', (event) => {
      this.#arriving.next(event);
    });
  }

  #tell(state: SourceStatus['state'], message: string): void {
    this.#status = { kind: 'status', state, message };
    this.#arriving.next(this.#status);
  }
}
