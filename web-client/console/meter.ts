import type { ShowMessage } from '../../src/server/protocol/index.ts';
import type { Status } from './status.ts';
import { fitted } from '../shared/element.ts';
import { oncePerFrame } from '../shared/frame.ts';

const SECONDS = 12;
const FLOOR_DECIBELS = -60;
/** CSS pixels at the right, for the present level and its number. */
const BAR = 72;
/** Of the level itself, or of those of all channels, each at least so wide. */
const BAR_WIDTH = 14;
const LEAST_CHANNEL_WIDTH = 3;

type Channels = Status['source']['channels'];

/** The level of the last seconds in decibels below full scale, with onsets as strokes, and the present level of each channel. */
export class Meter {
  readonly #canvas: HTMLCanvasElement;
  readonly #changed = oncePerFrame(() => {
    this.#draw();
  });
  #channels: Channels = [];
  #history: { readonly atMs: number; readonly decibels: number; readonly onset: boolean }[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    new ResizeObserver(this.#changed).observe(canvas);
  }

  /** What each channel holds; one or none: nothing but the level of what is heard. */
  set channels(channels: Channels) {
    const before = this.#channels;
    this.#channels = channels.length > 1 ? channels : [];
    if (before.length + this.#channels.length === 0) return;
    this.#canvas.title = this.#channels
      .map(
        ({ rms, heard }, i) =>
          `channel ${i + 1}: ${inDecibels(rms).toFixed(0)} dB${heard ? '' : ', not heard'}`,
      )
      .join('\n');
    this.#changed();
  }

  show({ level }: ShowMessage): void {
    const atMs = performance.now();
    const decibels = inDecibels(level.rms);
    this.#history.push({ atMs, decibels, onset: level.onset });
    this.#history = this.#history.filter((entry) => entry.atMs > atMs - SECONDS * 1000);
    this.#changed();
  }

  #draw(): void {
    fitted(this.#canvas, (context, width, height) => {
      const now = performance.now();
      const bars = this.#bars();
      const barsWidth = Math.max(BAR_WIDTH, bars.length * LEAST_CHANNEL_WIDTH);
      const left = width - BAR + BAR_WIDTH - barsWidth;
      const x = (atMs: number): number => left - ((now - atMs) / (SECONDS * 1000)) * left;
      const y = (decibels: number): number => (decibels / FLOOR_DECIBELS) * (height - 2) + 1;
      context.fillStyle = '#15171d';
      context.fillRect(0, 0, width, height);
      context.strokeStyle = '#ffb45088';
      for (const { atMs, onset } of this.#history) {
        if (!onset) continue;
        context.beginPath();
        context.moveTo(x(atMs), 0);
        context.lineTo(x(atMs), height);
        context.stroke();
      }
      context.strokeStyle = '#7fd6a4';
      context.lineWidth = 1.5;
      context.beginPath();
      this.#history.forEach(({ atMs, decibels }, i) => {
        if (i === 0) context.moveTo(x(atMs), y(decibels));
        else context.lineTo(x(atMs), y(decibels));
      });
      context.stroke();
      const last = this.#history[this.#history.length - 1];
      if (last === undefined) return;
      bars.forEach(({ decibels, heard }, i) => {
        const top = y(decibels);
        context.fillStyle = !heard ? '#5b606b' : decibels > -3 ? '#ff5c5c' : '#7fd6a4';
        const barWidth = barsWidth / bars.length;
        const gap = bars.length > 1 ? 1 : 0;
        context.fillRect(left + 6 + i * barWidth, top, barWidth - gap, height - top);
      });
      const top = y(last.decibels);
      context.fillStyle = '#c9ccd3';
      context.font = '11px system-ui';
      context.fillText(
        `${last.decibels.toFixed(0)} dB`,
        width - BAR + 24,
        Math.max(10, Math.min(height - 3, top + 4)),
      );
    });
  }

  /** Of each channel, or of what is heard where there is but one. */
  #bars(): { readonly decibels: number; readonly heard: boolean }[] {
    if (this.#channels.length > 0) {
      return this.#channels.map(({ rms, heard }) => ({ decibels: inDecibels(rms), heard }));
    }
    return [{ decibels: this.#history[this.#history.length - 1]?.decibels ?? FLOOR_DECIBELS, heard: true }];
  }
}

function inDecibels(rms: number): number {
  return Math.max(FLOOR_DECIBELS, 20 * Math.log10(Math.max(rms, 1e-6)));
}
