import { SynestheteError } from '../errors.ts';

/** The ends of a scale of ratings. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

export const UNIT_SCALE: Scale = { low: 0, high: 1 };

/** Reads `1..9` or `-1..1`. @throws SynestheteError USAGE. */
export function parseScale(text: string): Scale {
  const [, low, high] = /^\s*([-+]?[\d.]+)\s*\.\.\s*([-+]?[\d.]+)\s*$/.exec(text) ?? [];
  const scale = { low: Number(low), high: Number(high) };
  if (Number.isFinite(scale.low) && Number.isFinite(scale.high) && scale.low < scale.high) return scale;
  throw new SynestheteError(
    'USAGE',
    `"${text}" is no scale; write its ends, the lower first, as in 1..9 or -1..1`,
  );
}

export function formatScale({ low, high }: Scale): string {
  return `${low}..${high}`;
}

export function isOnScale(value: number, { low, high }: Scale): boolean {
  return value >= low && value <= high;
}

/** Moves a value from its scale to [0, 1]. */
export function toUnit(value: number, { low, high }: Scale): number {
  return (value - low) / (high - low);
}
