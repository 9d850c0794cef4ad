import { escaped } from '../html.ts';

export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A reference for the other curves: dashed, in the colour of the text. */
  readonly isReference?: boolean;
}

export interface ChartOptions {
  /** Ends of the axes; by default the least and the largest value. */
  readonly x?: readonly [low: number, high: number];
  readonly y?: readonly [low: number, high: number];
}

const WIDTH = 560;
const HEIGHT = 220;
const MARGIN = { left: 60, right: 12, top: 10, bottom: 26 };
/** Contrast of at least 3 to 1 on white and on near black. */
const COLOURS = ['#2b6cb0', '#c05621', '#2f855a', '#b83280', '#5a67d8', '#b7791f'];
/** More points than pixels add nothing. */
const MOST_POINTS = 400;

/**
 * Curves as an HTML figure with a self-contained SVG. Lines and words take the colour of the surrounding text. Points
 * that are not finite are left out.
 * @returns '' without points
 */
export function lineChart(title: string, curves: readonly Curve[], options: ChartOptions = {}): string {
  const drawn = curves
    .map((curve, i) => ({
      ...curve,
      colour: curve.isReference === true ? 'currentColor' : COLOURS[i % COLOURS.length]!,
      points: curve.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
    }))
    .filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return '';
  const all = drawn.flatMap(({ points }) => points);
  const [left, right] = options.x ?? rangeOf(all.map(([x]) => x));
  const [bottom, top] = options.y ?? rangeOf(all.map(([, y]) => y));
  const px = (x: number): number =>
    MARGIN.left + ((x - left) / (right - left)) * (WIDTH - MARGIN.left - MARGIN.right);
  const py = (y: number): number =>
    MARGIN.top + ((top - y) / (top - bottom)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const lines = drawn.map(({ points, colour, isReference }) => {
    const every = Math.ceil(points.length / MOST_POINTS);
    const kept = points.filter((_, k) => k % every === 0 || k === points.length - 1);
    const path = kept.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
    const dot = kept.length === 1 ? `<circle cx="${px(kept[0]![0])}" cy="${py(kept[0]![1])}" r="3" fill="${colour}"/>` : ''; // prettier-ignore
    const dashes = isReference === true ? ' stroke-dasharray="5 4"' : '';
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5"${dashes} points="${path}"/>${dot}`;
  });
  const ticks = [bottom, (bottom + top) / 2, top].map(
    (y) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${py(y)}" y2="${py(y)}" stroke="currentColor" stroke-opacity=".2"/>` +
      `<text x="${MARGIN.left - 6}" y="${py(y) + 4}" text-anchor="end">${short(y)}</text>`,
  );
  const ends = [left, right].map(
    (x, i) =>
      `<text x="${px(x)}" y="${HEIGHT - 8}" text-anchor="${i === 0 ? 'start' : 'end'}">${short(x)}</text>`,
  );
  const key = drawn
    .map(
      ({ name, colour, isReference }) =>
        `<span style="color:${colour}">${isReference === true ? '┄' : '■'}</span> ${escaped(name)}`,
    )
    .join(' ');
  return `<figure><figcaption>${escaped(title)} ${key}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" fill="currentColor" role="img" aria-label="${escaped(title)}">${ticks.join('')}${ends.join('')}${lines.join('')}</svg></figure>`;
}

function rangeOf(values: readonly number[]): [number, number] {
  const [low, high] = values.reduce<[number, number]>(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  );
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
