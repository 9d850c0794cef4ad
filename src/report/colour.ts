export type Rgb = readonly [red: number, green: number, blue: number];

/** Stations of a colour map that grows steadily lighter, so that it also works in grey and for the colour-blind. */
const STATIONS: readonly Rgb[] = [
  [8, 5, 29],
  [59, 15, 112],
  [140, 41, 129],
  [222, 73, 104],
  [254, 159, 109],
  [252, 253, 191],
];

/** Colour of a shade: 0 is near black, 1 near white. */
export function colour(shade: number): Rgb {
  const place = Math.min(1, Math.max(0, shade)) * (STATIONS.length - 1);
  const index = Math.min(STATIONS.length - 2, Math.floor(place));
  const from = STATIONS[index]!;
  const to = STATIONS[index + 1]!;
  const part = place - index;
  const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + part * (to[channel] - from[channel]));
  return [mix(0), mix(1), mix(2)];
}
