import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { HEALTH_STATES, type Clients, type DisplayWatch } from './displays/index.ts';
import type { ShowState } from './protocol/index.ts';
import type { ShowStatus } from './show.ts';

/** The metrics of /metrics, in Prometheus' style: names end in their unit, or in `_total`. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly states: Counter;
  readonly sent: Counter;
  readonly skipped: Counter;
  readonly received: Counter;
  readonly refused: Counter<'code'>;
  readonly cut: Counter<'reason'>;
  readonly requests: Counter<'status'>;
  readonly failures: Counter<'kind'>;
  readonly soundBytes: Counter;
  readonly #mood: Gauge<'axis'>;
  readonly #level: Gauge;
  readonly #latency: Histogram<'part'>;
  #newestLatency: ShowState['latency'] | undefined;

  /** @param status called each time the metrics are read */
  constructor(clients: Clients, watch: DisplayWatch, status: () => ShowStatus) {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
      new Counter<Label>({ name: `synesthete_${name}_total`, help, labelNames, registers });
    const counted = (name: string, help: string, read: (status: ShowStatus) => number) =>
      new Counter({
        name: `synesthete_${name}_total`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read(status()));
        },
      });
    counted('clips', 'Clips that were heard', ({ clips }) => clips.total);
    counted('clips_dropped', 'Clips passed over, as the analysis was slower', ({ clips }) => clips.dropped);
    counted('clips_lost', 'Clips whose analysis or matching failed', ({ clips }) => clips.lost);
    counted('sound_gaps', 'Gaps in the sound', ({ gaps }) => gaps);
    counted('analysis_restarts', 'Starts of the analysis after a crash', ({ analysis }) => analysis.restarts);
    this.states = counter('states', 'States of the show that were announced');
    this.sent = counter('states_sent', 'States sent, all displays together');
    this.skipped = counter('states_skipped', 'States that displays were spared because they did not keep up');
    this.received = counter('messages_received', 'Messages of clients');
    this.refused = counter('messages_refused', 'Messages that were answered with an error', ['code']);
    this.cut = counter('clients_cut', 'Clients that were cut off', ['reason']);
    this.requests = counter('http_requests', 'Answered HTTP requests', ['status']);
    this.failures = counter('failures', 'Failures of the server itself; its log has some of each kind', [
      'kind',
    ]);
    this.soundBytes = counter('sound_bytes', 'Sound that came in at /sound');
    this.#mood = new Gauge({
      name: 'synesthete_mood',
      help: 'Mood of the music, 0 to 1',
      labelNames: ['axis'],
      registers,
    });
    this.#level = new Gauge({ name: 'synesthete_level_rms', help: 'Level; full scale is 1', registers });
    this.#latency = new Histogram({
      name: 'synesthete_latency_seconds',
      help: 'Of each clip, since the arrival of its last sample',
      labelNames: ['part'],
      buckets: [0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 1],
      registers,
    });
    new Gauge({
      name: 'synesthete_clients',
      help: 'Clients that are connected',
      labelNames: ['transport'],
      registers,
      collect() {
        for (const transport of ['ws', 'socket.io', 'sound'] as const) {
          this.set({ transport }, clients.countOf(transport));
        }
      },
    });
    new Gauge({
      name: 'synesthete_displays',
      help: 'Displays by what they report: bad is no good report for 10 s, gone a connection that broke',
      labelNames: ['health'],
      registers,
      collect() {
        const counts = watch.counts();
        for (const health of HEALTH_STATES) this.set({ health }, counts[health]);
      },
    });
  }

  /** Stops watching the event loop and garbage collection. */
  close(): void {
    this.registry.clear();
  }

  observe({ mood, level, latency }: ShowState): void {
    this.states.inc();
    for (const axis of ['valence', 'arousal', 'confidence'] as const) this.#mood.set({ axis }, mood[axis]);
    this.#level.set(level.rms);
    // States without a new clip (the level, a control) repeat the latency of the last one, the same object; before the
    // first clip it is 0.
    if (latency === this.#newestLatency || latency.total === 0) return;
    this.#newestLatency = latency;
    for (const part of ['analysis', 'total'] as const) this.#latency.observe({ part }, latency[part] / 1000);
  }
}
