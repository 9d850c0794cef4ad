import type { Slider } from './controls.ts';

const CURVE = 4;
/** Positions of a curved slider: from 0 to this. */
const CURVED_POSITIONS = 1000;

/** What the slider of the page counts in: a curved one in positions, others in values. */
export function scaleOf({ isCurved, low, high, step }: Slider): Pick<Slider, 'low' | 'high' | 'step'> {
  return isCurved ? { low: 0, high: CURVED_POSITIONS, step: 1 } : { low, high, step };
}

export function positionOf({ isCurved, low, high }: Slider, value: number): number {
  return isCurved ? Math.round(CURVED_POSITIONS * ((value - low) / (high - low)) ** (1 / CURVE)) : value;
}

export function valueAt(slider: Slider, position: number): number {
  if (!slider.isCurved) return position;
  const value = slider.low + (slider.high - slider.low) * (position / CURVED_POSITIONS) ** CURVE;
  const step = coarseStep(slider.step, value);
  return Math.round(value / step) * step;
}

/** Longer times change in larger steps. */
export function coarseStep(step: number, value: number): number {
  if (value >= 600) return Math.max(step, 60);
  if (value >= 60) return Math.max(step, 10);
  return value >= 20 ? Math.max(step, 1) : step;
}
