import { HEIGHT, WIDTH, blurred, glow, hsl, sky, times, turbulence } from './brush.ts';
import type { Art } from './brush.ts';

/** Lights out of focus. */
export const bokeh: Art = (brush) => {
  const hue = brush.between(0, 360);
  const spread = brush.pick([20, 60, 180]);
  return (
    sky(brush, [
      [0, hsl(hue, 55, 9)],
      [1, hsl(hue + 40, 60, 20)],
    ]) +
    times(90, () => {
      const radius = brush.between(14, 80);
      const colour = hue + brush.bell() * spread;
      return blurred(
        brush,
        radius / 26,
        `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, HEIGHT).toFixed(0)}" r="${radius.toFixed(0)}" fill="${hsl(colour, 85, 62, brush.between(0.12, 0.5))}" stroke="${hsl(colour, 90, 78, 0.5)}" stroke-width="2"/>`,
      );
    })
  );
};

/** Smoke in grey. */
export const smoke: Art = (brush) => {
  const hue = brush.between(0, 360);
  const light = brush.between(8, 50);
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 8, light)}"/>` +
    turbulence(brush, {
      frequency: [0.002, 0.004],
      octaves: 6,
      threshold: 0.42,
      gain: 3,
      colour: hsl(hue, 8, light + 30),
      opacity: 0.8,
    }) +
    turbulence(brush, {
      frequency: [0.005, 0.003],
      octaves: 5,
      threshold: 0.5,
      gain: 3.5,
      colour: hsl(hue, 10, light * 0.4),
      opacity: 0.8,
    })
  );
};

/** A candle in the dark. */
export const candle: Art = (brush) => {
  const x = brush.between(400, 880);
  return (
    sky(brush, [
      [0, hsl(25, 50, 4)],
      [1, hsl(22, 55, 10)],
    ]) +
    glow(brush, x, 380, 520, hsl(32, 100, 55), 0.6) +
    `<rect x="${x - 34}" y="480" width="68" height="330" rx="8" fill="${hsl(38, 45, 74)}"/>` +
    blurred(
      brush,
      3,
      `<path d="M${x} 330C${x + 40} 400 ${x + 22} 466 ${x} 470C${x - 22} 466 ${x - 40} 400 ${x} 330Z" fill="${hsl(42, 100, 72)}"/>`,
    ) +
    `<path d="M${x} 380C${x + 14} 420 ${x + 10} 460 ${x} 464C${x - 10} 460 ${x - 14} 420 ${x} 380Z" fill="#fff8e0"/>` +
    glow(brush, x, 420, 120, hsl(46, 100, 85), 0.8)
  );
};
