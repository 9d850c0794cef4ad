import type { PanelAxis, PanelSpec } from '../../src/report/evaluation/page-data/index.ts';
import { ticksOf } from './ticks.ts';

/** Around the plot, in CSS pixels: numbers and words are left of it and below. */
const EDGE = { left: 52, right: 10, top: 8, bottom: 38 };

/** Where the values of a panel are on a canvas of this size, in CSS pixels, and its axes. */
export class Plot {
  readonly #spec: PanelSpec;
  readonly #width: number;
  readonly #height: number;

  constructor(spec: PanelSpec, width: number, height: number) {
    this.#spec = spec;
    this.#width = width;
    this.#height = height;
  }

  across(value: number): number {
    return EDGE.left + part(this.#spec.x, value) * (this.#width - EDGE.left - EDGE.right);
  }

  up(value: number): number {
    const bottom = this.#height - EDGE.bottom;
    return bottom - part(this.#spec.y, value) * (bottom - EDGE.top);
  }

  /** The ground, the axes with their numbers and names, and the lines of a panel that has a constant. */
  drawAxes(context: CanvasRenderingContext2D): void {
    const { x, y, constant } = this.#spec;
    const [width, height] = [this.#width, this.#height];
    const [left, right, top, bottom] = [EDGE.left, width - EDGE.right, EDGE.top, height - EDGE.bottom];
    context.fillStyle = variable('ground');
    context.fillRect(0, 0, width, height);
    context.fillStyle = variable('plot');
    context.fillRect(left, top, right - left, bottom - top);
    context.font = '12px system-ui, sans-serif';
    context.fillStyle = variable('faint');
    context.strokeStyle = variable('wave');
    context.textAlign = 'center';
    for (const { at, label } of ticksOf(x.low, x.high)) {
      line(context, [this.across(at), top], [this.across(at), bottom]);
      context.fillText(label, this.across(at), bottom + 14);
    }
    context.fillText(x.label, (left + right) / 2, bottom + 31, right - left);
    context.textAlign = 'right';
    for (const { at, label } of ticksOf(y.low, y.high)) {
      line(context, [left, this.up(at)], [right, this.up(at)]);
      context.fillText(label, left - 5, this.up(at) + 4);
    }
    context.save();
    context.translate(13, (top + bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = 'center';
    context.fillText(y.label, 0, 0, bottom - top);
    context.restore();
    if (constant === undefined) return;
    context.strokeStyle = variable('faint');
    line(context, [this.across(x.low), this.up(x.low)], [this.across(x.high), this.up(x.high)]);
    context.setLineDash([5, 4]);
    line(context, [left, this.up(constant)], [right, this.up(constant)]);
    context.setLineDash([]);
  }
}

function part({ low, high }: PanelAxis, value: number): number {
  return (value - low) / (high - low);
}

function line(
  context: CanvasRenderingContext2D,
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
): void {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/** A colour of the page's theme, as it is now: dark or light. */
export function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
