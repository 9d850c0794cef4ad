export type Colour = readonly [red: number, green: number, blue: number];

/**
 * From low to high. Blue to orange, which the colour-blind can also distinguish, of middle lightness: a contrast of 3
 * to 1 or more on the dark and the light plot.
 */
const STATIONS: readonly Colour[] = [
  [58, 118, 230],
  [148, 100, 158],
  [204, 102, 20],
];

const SHADES: readonly Colour[] = Array.from({ length: 256 }, (_, i) => {
  const place = (i / 255) * (STATIONS.length - 1);
  const index = Math.min(STATIONS.length - 2, Math.floor(place));
  const [from, to] = [STATIONS[index]!, STATIONS[index + 1]!];
  const mix = (channel: 0 | 1 | 2) => from[channel] + (place - index) * (to[channel] - from[channel]);
  return [mix(0), mix(1), mix(2)];
});

/** @param part 0 to 1; values beyond have the colour of the end */
export function ramp(part: number): Colour {
  return SHADES[Math.round(255 * Math.min(1, Math.max(0, part)))]!;
}

/** The same as a gradient of CSS. */
export const RAMP_GRADIENT = `linear-gradient(90deg, ${STATIONS.map((colour) => `rgb(${colour.join(' ')})`).join(', ')})`;
