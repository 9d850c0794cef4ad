import { HEIGHT, WIDTH, blurred, glow, hsl, line, sky, times, turbulence, vignette } from './brush.ts';
import type { Art } from './brush.ts';

/** A great wheel and its lights in the evening. */
export const greatWheel: Art = (brush) => {
  const hue = brush.between(200, 330);
  const x = brush.between(420, 860);
  const y = 370;
  const size = brush.between(260, 310);
  const spokes = brush.pick([16, 20, 24]);
  const spoke = (i: number): readonly [number, number] => [
    x + Math.cos((i / spokes) * 6.2832) * size,
    y + Math.sin((i / spokes) * 6.2832) * size,
  ];
  const rim = times(
    spokes,
    (i) =>
      `<path d="M${x.toFixed(0)} ${y}L${spoke(i)
        .map((v) => v.toFixed(0))
        .join(' ')}" stroke="${hsl(hue + 180 + (i % 2) * 60, 95, 70)}" stroke-width="3"/>`,
  );
  const lamps = times(spokes * 6, (i) => {
    const angle = (i / (spokes * 6)) * 6.2832;
    return glow(
      brush,
      x + Math.cos(angle) * size,
      y + Math.sin(angle) * size,
      16,
      hsl(hue + 150 + (i % 3) * 60, 100, 78),
    );
  });
  const cabins = times(spokes, (i) => {
    const [cx, cy] = spoke(i);
    return `<rect x="${(cx - 17).toFixed(0)}" y="${(cy + 4).toFixed(0)}" width="34" height="28" rx="9" fill="${hsl(hue + i * 47, 90, 60)}"/>`;
  });
  const crowd = times(
    90,
    () =>
      `<ellipse cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(752, 800).toFixed(0)}" rx="13" ry="34" fill="${hsl(hue, 40, brush.between(2, 9))}"/>`,
  );
  const stalls = times(
    10,
    (i) =>
      `<path d="M${i * 136 - 20} 730V670L${i * 136 + 40} 622L${i * 136 + 100} 670V730Z" fill="${hsl(i * 70, 85, 50)}"/>${glow(brush, i * 136 + 40, 700, 90, hsl(44, 100, 72), 0.9)}`,
  );
  return (
    sky(brush, [
      [0, hsl(hue, 75, 12)],
      [0.55, hsl(hue + 40, 75, 42)],
      [0.9, hsl(hue + 90, 85, 62)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.009],
      octaves: 5,
      threshold: 0.5,
      gain: 3,
      colour: hsl(hue + 70, 80, 74),
      opacity: 0.6,
      height: 600,
    }) +
    glow(brush, x, y, size * 1.5, hsl(hue + 120, 90, 66), 0.4) +
    `<path d="M${x - 150} 740L${x} ${y}L${x + 150} 740" stroke="${hsl(hue, 30, 14)}" stroke-width="13" fill="none"/>` +
    rim +
    `<circle cx="${x}" cy="${y}" r="${size}" fill="none" stroke="${hsl(hue + 180, 80, 72)}" stroke-width="6"/><circle cx="${x}" cy="${y}" r="${size * 0.86}" fill="none" stroke="${hsl(hue + 220, 80, 66)}" stroke-width="3"/>` +
    cabins +
    blurred(brush, 6, lamps) +
    lamps +
    stalls +
    crowd
  );
};

/** Ropes of rails against the sky. */
export const coaster: Art = (brush) => {
  const hue = brush.between(195, 225);
  const rail = brush.pick([0, 20, 330, 48]);
  const phase = brush.between(0, 6);
  const height = (x: number): number =>
    430 + 200 * Math.sin(x / 170 + phase) + 70 * Math.sin(x / 77 + phase * 2);
  const points = Array.from({ length: 140 }, (_, i) => [i * 10 - 40, height(i * 10 - 40)] as const);
  const posts = times(33, (i) => {
    const x = i * 40;
    return `<path d="M${x} ${height(x).toFixed(0)}V${HEIGHT}M${x} ${(height(x) + 60).toFixed(0)}L${x + 40} ${(height(x + 40) + 150).toFixed(0)}M${x + 40} ${(height(x + 40) + 60).toFixed(0)}L${x} ${(height(x) + 150).toFixed(0)}"/>`;
  });
  const start = brush.between(300, 800);
  const cars = times(6, (i) => {
    const x = start + i * 62;
    const tilt = (Math.atan2(height(x + 5) - height(x - 5), 10) * 180) / Math.PI;
    return `<g transform="translate(${x.toFixed(0)} ${height(x).toFixed(0)}) rotate(${tilt.toFixed(0)})"><rect x="-29" y="-34" width="58" height="30" rx="10" fill="${hsl(rail + 190, 90, 52)}"/><circle cx="-12" cy="-44" r="9" fill="${hsl(26, 55, 60)}"/><circle cx="12" cy="-44" r="9" fill="${hsl(26, 50, 45)}"/><path d="M-16 -38l-8 -28M-8 -38l4 -30M8 -38l-4 -28M16 -38l8 -30" stroke="${hsl(26, 50, 52)}" stroke-width="5" stroke-linecap="round"/></g>`;
  });
  return (
    sky(brush, [
      [0, hsl(hue, 90, 46)],
      [1, hsl(hue - 12, 80, 86)],
    ]) +
    glow(brush, brush.between(200, 1080), 110, 330, hsl(50, 100, 88)) +
    turbulence(brush, {
      frequency: [0.004, 0.009],
      octaves: 5,
      threshold: 0.5,
      gain: 3,
      colour: '#ffffff',
      opacity: 0.9,
    }) +
    `<g stroke="${hsl(hue, 20, 88)}" stroke-width="5" fill="none">${posts}</g>` +
    `<path d="${line(points)}" stroke="${hsl(rail, 85, 40)}" stroke-width="18" fill="none"/><path d="${line(points)}" stroke="${hsl(rail, 95, 60)}" stroke-width="7" fill="none" transform="translate(0 -6)"/>` +
    cars +
    vignette(brush, 0.2)
  );
};
