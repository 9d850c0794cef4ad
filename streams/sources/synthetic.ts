import { setImmediate } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import { systemClock, type Clock } from './clock.ts';
import { Pacer, checkPace, type Pace } from './pace.ts';
import { eventsOf, type Emit } from './run.ts';
import type { Source } from './source.ts';

/** Sample n of a signal, at 22,050 Hz, full scale ±1. Pure: the same n gives the same sample, always and everywhere. */
export type Signal = (n: number) => number;

const TURN = 2 * Math.PI;

/** a · sin(2π f n / 22050) */
export function sine(hz: number, amplitude = 0.5): Signal {
  return (n) => amplitude * Math.sin((TURN * hz * n) / SAMPLE_RATE_HZ);
}

/**
 * A tone that rises by the same interval each second, and again and again:
 * a · sin(2π f₀ T / ln(f₁/f₀) · ((f₁/f₀)^(t/T) − 1)), t = (n mod 22050 T) / 22050, T rounded to a
 * sample.
 */
export function sweep(fromHz: number, toHz: number, seconds: number, amplitude = 0.5): Signal {
  const growth = Math.log(toHz / fromHz);
  const period = Math.round(seconds * SAMPLE_RATE_HZ);
  return (n) => {
    const t = (n % period) / SAMPLE_RATE_HZ;
    return amplitude * Math.sin(((TURN * fromHz * seconds) / growth) * Math.expm1((growth * t) / seconds));
  };
}

/** The mean of sines: a / K · Σ sin(2π f_k n / 22050) */
export function chord(hz: readonly number[], amplitude = 0.8): Signal {
  const tones = hz.map((tone) => sine(tone, amplitude / hz.length));
  return (n) => tones.reduce((sum, tone) => sum + tone(n), 0);
}

/** a at every multiple of `periodSamples`, zero between. */
export function clicks(periodSamples: number, amplitude = 0.9): Signal {
  return (n) => (n % periodSamples === 0 ? amplitude : 0);
}

/** Uniform white noise: a · (h / 2³¹ − 1), h the 32-bit MurmurHash3 finaliser of n mixed with the seed. */
export function noise(seed = 1, amplitude = 0.5): Signal {
  const mixed = Math.imul(seed, 0x9e3779b1);
  return (n) => {
    let h = (n + mixed) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return amplitude * (((h ^ (h >>> 16)) >>> 0) / 2147483648 - 1);
  };
}

export const silence: Signal = () => 0;

/** The sum of signals. */
export function mix(...signals: readonly Signal[]): Signal {
  return (n) => signals.reduce((sum, signal) => sum + signal(n), 0);
}

/**
 * Music enough to try everything without a file or a device: four chords of 2 s each over a pulse of two clicks a second,
 * and a little noise.
 */
export function demo(): Signal {
  const chords = [
    [220, 261.63, 329.63],
    [174.61, 220, 261.63],
    [261.63, 329.63, 392],
    [196, 246.94, 293.66],
  ].map((hz) => chord(hz, 0.5));
  const pulse = clicks(SAMPLE_RATE_HZ / 2, 0.4);
  const air = noise(1, 0.005);
  return (n) => chords[Math.floor(n / (2 * SAMPLE_RATE_HZ)) % chords.length]!(n) + pulse(n) + air(n);
}

export interface SyntheticSourceOptions {
  readonly name?: string;
  /** Samples to give; endless unless set. */
  readonly lengthSamples?: number;
  /** Sizes of the blocks, used in turn; 512 unless set. */
  readonly blockSizes?: readonly number[];
  /** Sound that goes missing: from sample `at` on, `length` samples, on the source's own clock. In order. */
  readonly gaps?: readonly { readonly at: number; readonly length: number }[];
  /** Real time unless set. */
  readonly pace?: Pace;
  /** Back-pressure, as for files. */
  readonly ready?: () => Promise<void>;
  readonly clock?: Clock;
}

/** A signal as a source, for tests, benches and trying things out. @throws SynestheteError USAGE, OUT_OF_RANGE. */
export function syntheticSource(signal: Signal, options: SyntheticSourceOptions = {}): Source {
  const pace = checkPace(options.pace ?? 1);
  const sizes = options.blockSizes ?? [512];
  if (sizes.length === 0 || !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new SynestheteError('OUT_OF_RANGE', `blocks of ${sizes.join(', ')} samples are not possible`);
  }
  const name = options.name ?? 'synthetic';
  return {
    name,
    kind: 'synthetic',
    events: eventsOf((emit, closing) => generate(signal, { ...options, name, pace, sizes }, emit, closing)),
  };
}

interface Settings extends SyntheticSourceOptions {
  readonly name: string;
  readonly pace: Pace;
  readonly sizes: readonly number[];
}

async function generate(signal: Signal, settings: Settings, emit: Emit, closing: AbortSignal): Promise<void> {
  const { name, sizes, lengthSamples = Infinity, clock = systemClock } = settings;
  const pacer = new Pacer(clock, settings.pace);
  const gaps = [...(settings.gaps ?? [])];
  emit({ kind: 'status', state: 'delivering', message: `playing ${name}` });
  let position = 0;
  let blocks = 0;
  while (position < lengthSamples) {
    if (gaps[0]?.at === position) {
      emit({ kind: 'gap', atSample: position, reason: 'a gap that was asked for' });
      position += gaps.shift()!.length;
      continue;
    }
    const until = Math.min(lengthSamples, gaps[0]?.at ?? Infinity);
    const samples = new Float32Array(Math.min(sizes[blocks++ % sizes.length]!, until - position));
    for (let k = 0; k < samples.length; k++) samples[k] = signal(position + k);
    // Nothing here waits for anything when blocks are consumed as they come: timers and signals must have their turn.
    await setImmediate();
    await settings.ready?.();
    await pacer.until(position + samples.length, closing);
    closing.throwIfAborted();
    emit({ kind: 'block', startSample: position, samples, arrivedAtMs: clock.nowMs() });
    position += samples.length;
  }
  emit({ kind: 'status', state: 'ended', message: `${name} ended` });
}
