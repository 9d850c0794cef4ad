import type { Remedy } from '../../../models/remedy.ts';
import type { Analysis } from '../../../streams/analysis/index.ts';
import type { Level } from '../../../streams/levels/index.ts';
import type { Newest } from '../../../streams/operators/index.ts';
import type { ChannelLevel, SourceEvent, SourceStatus } from '../../../streams/sources/index.ts';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../../models/features/index.ts';

/** Rates and times cover this many ms of wall time. */
const WINDOW_MS = 5000;
/** How fast the peak mark falls, in dB a second: slow enough to be read. */
const PEAK_FALL_DB_PER_SECOND = 20;

/** What `listen` shows of the sound at one moment; every number covers the last 5 s unless its name says otherwise. */
export interface Snapshot {
  readonly state: SourceStatus['state'] | 'opening';
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: Remedy | undefined;
  /** The device that is heard, or waited for. */
  readonly device?: SourceStatus['device'];
  /** Sound heard in all, in seconds. */
  readonly heardSeconds: number;
  /** How fast sound came, since the beginning: 1 is real time. */
  readonly realTimeFactor: number;
  readonly rmsDb: number;
  readonly peakDb: number;
  /** Of each channel that the sound comes with, without DC; undefined where the sound is made here. */
  readonly channels:
    readonly { readonly rmsDb: number; readonly peakDb: number; readonly heard: boolean }[] | undefined;
  readonly loudness: number;
  readonly centroidHz: number;
  readonly onsetsPerSecond: number;
  /** Onsets of the last 5 s of sound, as seconds before now, newest first. */
  readonly onsetAgesSeconds: readonly number[];
  readonly clipsPerSecond: number;
  /** Median time to compute the features of a clip; undefined before the first. */
  readonly millisecondsPerClip: number | undefined;
  readonly clipsTotal: number;
  /** Clips skipped because the analysis was slower than the sound, since the beginning. */
  readonly dropsTotal: number;
  readonly gapsTotal: number;
  /** Median time from the arrival of a clip's last sample to its features. */
  readonly latencyMilliseconds: number | undefined;
}

/** Silence, for a meter. */
export const SILENCE_DB = -90;

export class ListenStatistics {
  #state: Snapshot['state'] = 'opening';
  #message = '';
  #remedy: Remedy | undefined;
  #device: SourceStatus['device'];
  #level: Level | undefined;
  #peakDb = SILENCE_DB;
  #channels: readonly ChannelLevel[] | undefined;
  #heardSamples = 0;
  #onsetSeconds: number[] = [];
  #analysed: { readonly atMs: number; readonly elapsedMs: number; readonly latencyMs: number }[] = [];
  #clipsTotal = 0;
  #dropsTotal = 0;
  #gapsTotal = 0;
  readonly #startedAtMs: number;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
  }

  onSource(event: SourceEvent): void {
    switch (event.kind) {
      case 'block':
        this.#heardSamples += event.samples.length;
        this.#channels = event.channels;
        break;
      case 'gap':
        this.#gapsTotal += 1;
        this.#message = event.reason;
        this.#remedy = undefined;
        break;
      case 'status':
        this.#state = event.state;
        this.#message = event.message;
        this.#remedy = event.remedy;
        this.#device = event.device ?? this.#device;
    }
  }

  onLevel(level: Level, hopSamples: number): void {
    this.#level = level;
    const fallen = this.#peakDb - (PEAK_FALL_DB_PER_SECOND * hopSamples) / SAMPLE_RATE_HZ;
    this.#peakDb = Math.max(SILENCE_DB, fallen, decibels(level.peak));
    const nowSeconds = level.atSample / SAMPLE_RATE_HZ;
    if (level.onset) this.#onsetSeconds.push(nowSeconds);
    while (this.#onsetSeconds[0] !== undefined && nowSeconds - this.#onsetSeconds[0] > WINDOW_MS / 1000) {
      this.#onsetSeconds.shift();
    }
  }

  onAnalysis({ result, dropped }: Newest<Analysis>, nowMs: number): void {
    this.#clipsTotal += 1;
    this.#dropsTotal = dropped;
    const latencyMs = nowMs - result.clip.arrivedAtMs;
    this.#analysed.push({ atMs: nowMs, elapsedMs: result.elapsedMs, latencyMs });
  }

  snapshot(nowMs: number): Snapshot {
    while (this.#analysed[0] !== undefined && nowMs - this.#analysed[0].atMs > WINDOW_MS)
      this.#analysed.shift();
    const windowSeconds = Math.min(WINDOW_MS, Math.max(1, nowMs - this.#startedAtMs)) / 1000;
    const nowSeconds = (this.#level?.atSample ?? 0) / SAMPLE_RATE_HZ;
    const heardSeconds = this.#heardSamples / SAMPLE_RATE_HZ;
    return {
      state: this.#state,
      message: this.#message,
      remedy: this.#remedy,
      device: this.#device,
      heardSeconds,
      realTimeFactor: heardSeconds / (Math.max(1, nowMs - this.#startedAtMs) / 1000),
      rmsDb: decibels(this.#level?.rms ?? 0),
      peakDb: this.#peakDb,
      channels: this.#channels?.map(({ rms, peak, heard }) => ({
        rmsDb: decibels(rms),
        peakDb: decibels(peak),
        heard,
      })),
      loudness: this.#level?.loudness ?? 0,
      centroidHz: this.#level?.centroidHz ?? 0,
      onsetsPerSecond: this.#onsetSeconds.length / Math.max(1, Math.min(WINDOW_MS / 1000, heardSeconds)),
      onsetAgesSeconds: this.#onsetSeconds.map((seconds) => nowSeconds - seconds).toReversed(),
      clipsPerSecond: this.#analysed.length / windowSeconds,
      millisecondsPerClip: median(this.#analysed.map(({ elapsedMs }) => elapsedMs)),
      clipsTotal: this.#clipsTotal,
      dropsTotal: this.#dropsTotal,
      gapsTotal: this.#gapsTotal,
      latencyMilliseconds: median(this.#analysed.map(({ latencyMs }) => latencyMs)),
    };
  }
}

/** Whether no clip can have come yet, so that its absence means no trouble. */
export function isFirstClipPending(snapshot: Snapshot): boolean {
  return snapshot.clipsTotal === 0 && snapshot.heardSeconds < CLIP_SAMPLES / SAMPLE_RATE_HZ;
}

function decibels(amplitude: number): number {
  return Math.max(SILENCE_DB, 20 * Math.log10(amplitude));
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
