import { HEIGHT, WIDTH, blurred, glow, hsl, line, sky, times, turbulence } from './brush.ts';
import type { Art } from './brush.ts';

/** Soft discs of one family of colours. */
export const discs: Art = (brush) => {
  const hue = brush.between(0, 360);
  const saturation = brush.between(15, 75);
  const light = brush.between(35, 75);
  return (
    sky(brush, [
      [0, hsl(hue, saturation, light + 14)],
      [1, hsl(hue + 30, saturation, light)],
    ]) +
    times(brush.whole(8, 16), () =>
      blurred(
        brush,
        brush.between(0, 14),
        `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, HEIGHT).toFixed(0)}" r="${brush.between(40, 210).toFixed(0)}" fill="${hsl(hue + brush.bell() * 26, saturation, light + brush.bell() * 12, 0.5)}"/>`,
      ),
    )
  );
};

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

/** Stripes in a rhythm. */
export const beat: Art = (brush) => {
  const hue = brush.between(0, 360);
  const tilt = brush.between(-30, 30);
  let x = -500;
  let bars = '';
  while (x < WIDTH + 500) {
    const wide = brush.pick([12, 24, 24, 48, 96]);
    bars += `<rect x="${x}" y="-600" width="${wide}" height="2200" fill="${hsl(hue + brush.pick([0, 40, 180, 200, 320]), 92, brush.pick([18, 48, 58, 70]))}"/>`;
    x += wide;
  }
  return `<g transform="rotate(${tilt.toFixed(1)} ${WIDTH / 2} ${HEIGHT / 2})">${bars}</g>${times(5, () => `<circle cx="${brush.between(100, 1180).toFixed(0)}" cy="${brush.between(100, 700).toFixed(0)}" r="${brush.between(40, 200).toFixed(0)}" fill="${hsl(hue + brush.between(0, 360), 95, 58)}"/>`)}`;
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

/** Threads that follow a slow field. */
export const flow: Art = (brush) => {
  const hue = brush.between(0, 360);
  const calm = brush.between(0.0012, 0.006);
  const dark = brush.pick([true, false]);
  const phase = brush.between(0, 9);
  const threads = times(520, () => {
    let x = brush.between(-50, WIDTH + 50);
    let y = brush.between(-50, HEIGHT + 50);
    const points = Array.from({ length: 26 }, () => {
      const angle = 2.4 * Math.sin(x * calm + phase) + 2 * Math.cos(y * calm * 1.4 - phase);
      x += Math.cos(angle) * 13;
      y += Math.sin(angle) * 13;
      return [x, y] as const;
    });
    return `<path d="${line(points)}" stroke="${hsl(hue + brush.bell() * 28, 70, dark ? brush.between(40, 72) : brush.between(30, 60), 0.65)}" stroke-width="${brush.between(1, 4.5).toFixed(1)}"/>`;
  });
  return `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue + 20, 40, dark ? 7 : 93)}"/><g fill="none" stroke-linecap="round">${threads}</g>`;
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
