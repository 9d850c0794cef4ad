import type { ShowMessage } from '../../src/server/protocol/index.ts';
import { fitted } from '../shared/element.ts';
import { oncePerFrame } from '../shared/frame.ts';

const SECONDS = 12;
const FLOOR_DECIBELS = -60;
/** CSS pixels at the right, for the present level and its number. */
const BAR = 72;

/** The level of the last seconds in decibels below full scale, with onsets as strokes. */
export class Meter {
  readonly #canvas: HTMLCanvasElement;
  readonly #changed = oncePerFrame(() => {
    this.#draw();
  });
  #history: { readonly atMs: number; readonly decibels: number; readonly onset: boolean }[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    new ResizeObserver(this.#changed).observe(canvas);
  }

  show({ level }: ShowMessage): void {
    const atMs = performance.now();
    const decibels = Math.max(FLOOR_DECIBELS, 20 * Math.log10(Math.max(level.rms, 1e-6)));
    this.#history.push({ atMs, decibels, onset: level.onset });
    this.#history = this.#history.filter((entry) => entry.atMs > atMs - SECONDS * 1000);
    this.#changed();
  }

  #draw(): void {
    fitted(this.#canvas, (context, width, height) => {
      const now = performance.now();
      const x = (atMs: number): number => width - BAR - ((now - atMs) / (SECONDS * 1000)) * (width - BAR);
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
      const top = y(last.decibels);
      context.fillStyle = last.decibels > -3 ? '#ff5c5c' : '#7fd6a4';
      context.fillRect(width - BAR + 6, top, 14, height - top);
      context.fillStyle = '#c9ccd3';
      context.font = '11px system-ui';
      context.fillText(
        `${last.decibels.toFixed(0)} dB`,
        width - BAR + 24,
        Math.max(10, Math.min(height - 3, top + 4)),
      );
    });
  }
}
