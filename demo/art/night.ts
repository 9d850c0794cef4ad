import { HEIGHT, WIDTH, blurred, glow, hsl, line, ridge, sky, times, turbulence } from './brush.ts';
import type { Art, Brush } from './brush.ts';

function stars(brush: Brush, count: number, bottom: number): string {
  return times(
    count,
    () =>
      `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, bottom).toFixed(0)}" r="${(brush.between(0.3, 1) ** 2 * 2.4).toFixed(2)}" fill="${hsl(brush.pick([210, 45, 0]), 40, 92, brush.between(0.3, 1))}"/>`,
  );
}

/** Northern lights. */
export const aurora: Art = (brush) => {
  const hue = brush.pick([140, 155, 170, 290]);
  const curtain = (shift: number): string =>
    times(150, (i) => {
      const x = (i / 150) * (WIDTH + 200) - 100;
      const foot = 430 + Math.sin(x / 170 + shift) * 70 + Math.sin(x / 61 + shift * 2) * 22;
      const tall = 180 + 130 * Math.abs(Math.sin(x / 97 + shift * 3)) + brush.between(0, 60);
      return `<path d="${line([
        [x, foot],
        [x + 14, foot],
        [x + 34, foot - tall],
        [x + 18, foot - tall],
      ])}Z" fill="${hsl(hue + shift * 12, 85, 58, brush.between(0.05, 0.24))}"/>`;
    });
  return (
    sky(brush, [
      [0, hsl(235, 60, 9)],
      [0.7, hsl(215, 55, 20)],
    ]) +
    stars(brush, 320, 600) +
    blurred(brush, 9, curtain(brush.between(0, 3)) + curtain(brush.between(3, 6))) +
    ridge(brush, 610, 60, hsl(220, 40, 8)) +
    ridge(brush, 690, 24, hsl(220, 45, 4))
  );
};

/** Clouds of gas and stars. */
export const nebula: Art = (brush) => {
  const hue = brush.between(180, 340);
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 60, 4)}"/>` +
    turbulence(brush, {
      frequency: [0.003, 0.004],
      octaves: 6,
      threshold: 0.4,
      gain: 2.6,
      colour: hsl(hue, 80, 45),
      opacity: 0.8,
    }) +
    turbulence(brush, {
      frequency: [0.004, 0.003],
      octaves: 6,
      threshold: 0.5,
      gain: 3.6,
      colour: hsl(hue + 70, 85, 60),
      opacity: 0.8,
    }) +
    turbulence(brush, {
      frequency: [0.006, 0.006],
      octaves: 6,
      threshold: 0.56,
      gain: 5,
      colour: hsl(hue + 30, 70, 86),
      opacity: 0.7,
    }) +
    stars(brush, 420, HEIGHT) +
    times(6, () =>
      glow(
        brush,
        brush.between(0, WIDTH),
        brush.between(0, HEIGHT),
        brush.between(14, 50),
        hsl(hue + 40, 60, 94),
      ),
    )
  );
};

/** A town at night. */
export const city: Art = (brush) => {
  const hue = brush.between(200, 290);
  const row = (base: number, near: number): string => {
    let x = -40;
    let shapes = '';
    while (x < WIDTH) {
      const wide = brush.between(50, 130);
      const tall = brush.between(120, 480) * (0.6 + near * 0.5);
      shapes += `<rect x="${x.toFixed(0)}" y="${(base - tall).toFixed(0)}" width="${wide.toFixed(0)}" height="${tall + 300}" fill="${hsl(hue, 35, 18 - near * 12)}"/>`;
      for (let wy = base - tall + 14; wy < base + 120; wy += 21) {
        for (let wx = x + 9; wx < x + wide - 14; wx += 17) {
          if (brush.between(0, 1) < 0.42)
            shapes += `<rect x="${wx.toFixed(0)}" y="${wy.toFixed(0)}" width="8" height="11" fill="${hsl(brush.pick([42, 48, 35, 190]), 85, 68, 0.35 + near * 0.6)}"/>`;
        }
      }
      x += wide + brush.between(-6, 16);
    }
    return shapes;
  };
  return (
    sky(brush, [
      [0, hsl(hue, 60, 8)],
      [0.8, hsl(hue + 60, 60, 38)],
    ]) +
    stars(brush, 120, 300) +
    blurred(brush, 2.2, row(620, 0.1)) +
    row(700, 0.5) +
    row(780, 1)
  );
};

/** A moon behind clouds. */
export const moon: Art = (brush) => {
  const hue = brush.between(205, 260);
  const x = brush.between(300, 980);
  return (
    sky(brush, [
      [0, hsl(hue, 50, 7)],
      [1, hsl(hue, 45, 22)],
    ]) +
    stars(brush, 220, 560) +
    glow(brush, x, 230, 330, hsl(hue, 50, 85), 0.7) +
    `<circle cx="${x}" cy="230" r="76" fill="${hsl(50, 35, 92)}"/>` +
    turbulence(brush, {
      frequency: [0.003, 0.011],
      octaves: 5,
      threshold: 0.48,
      gain: 3,
      colour: hsl(hue, 35, 13),
      opacity: 0.85,
    }) +
    ridge(brush, 640, 50, hsl(hue, 40, 5)) +
    blurred(
      brush,
      3,
      times(
        30,
        () =>
          `<ellipse cx="${(x + brush.bell() * 60).toFixed(0)}" cy="${brush.between(700, 800).toFixed(0)}" rx="${brush.between(14, 60).toFixed(0)}" ry="1.5" fill="${hsl(hue, 40, 80, 0.4)}"/>`,
      ),
    )
  );
};
