import { HEIGHT, WIDTH, blurred, glow, hsl, line, ridge, sky, times, turbulence } from './brush.ts';
import type { Art } from './brush.ts';

/** A wall of fire. */
export const fire: Art = (brush) => {
  const hue = brush.between(6, 24);
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 90, 5)}"/>` +
    turbulence(brush, {
      frequency: [0.006, 0.0022],
      octaves: 5,
      threshold: 0.4,
      gain: 3.4,
      colour: hsl(hue - 6, 100, 34),
    }) +
    turbulence(brush, {
      frequency: [0.008, 0.0028],
      octaves: 5,
      threshold: 0.5,
      gain: 4.4,
      colour: hsl(hue + 10, 100, 50),
    }) +
    turbulence(brush, {
      frequency: [0.012, 0.004],
      octaves: 5,
      threshold: 0.58,
      gain: 6,
      colour: hsl(hue + 34, 100, 66),
    }) +
    glow(brush, WIDTH / 2, HEIGHT + 60, 560, hsl(hue + 34, 100, 72), 0.7) +
    times(
      150,
      () =>
        `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, HEIGHT).toFixed(0)}" r="${brush.between(0.8, 3.4).toFixed(1)}" fill="${hsl(hue + 28, 100, 70, 0.9)}"/>`,
    )
  );
};

/** Lightning in a storm. */
export const storm: Art = (brush) => {
  const hue = brush.pick([brush.between(215, 275), brush.between(30, 100)]);
  const bolt = (): string => {
    let x = brush.between(200, WIDTH - 200);
    let y = 60;
    const points: [number, number][] = [[x, y]];
    while (y < 620) {
      x += brush.bell() * 26;
      y += brush.between(12, 42);
      points.push([x, y]);
    }
    const fork = points
      .slice(brush.whole(4, 9))
      .map(([px, py], i) => [px + i * brush.between(8, 16), py - i * 3] as const)
      .slice(0, 9);
    return `<path d="${line(points)}" stroke-width="6"/><path d="${line(fork)}" stroke-width="3"/>`;
  };
  const bolts = times(brush.whole(1, 3), bolt);
  return (
    sky(brush, [
      [0, hsl(hue, 40, 8)],
      [0.75, hsl(hue, 35, 28)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.007],
      octaves: 6,
      threshold: 0.42,
      gain: 3.6,
      colour: hsl(hue, 28, 44),
      opacity: 0.8,
    }) +
    turbulence(brush, {
      frequency: [0.004, 0.009],
      octaves: 6,
      threshold: 0.48,
      gain: 4,
      colour: hsl(hue, 35, 6),
      opacity: 0.9,
    }) +
    blurred(brush, 16, `<g stroke="${hsl(hue + 10, 90, 80)}" fill="none">${bolts}</g>`) +
    `<g stroke="#ffffff" fill="none" stroke-linejoin="round">${bolts}</g>` +
    ridge(brush, 650, 30, hsl(hue, 40, 4))
  );
};

/** A tunnel without an end. */
export const tunnel: Art = (brush) => {
  const hue = brush.between(0, 360);
  const x = brush.between(480, 800);
  const y = brush.between(300, 500);
  const rings = times(26, (i) => {
    const size = 900 * 0.86 ** i;
    const turn = i * brush.between(4, 9);
    return `<rect x="${-size}" y="${-size * 0.7}" width="${size * 2}" height="${size * 1.4}" transform="translate(${(x + brush.bell() * 4).toFixed(0)} ${(y + brush.bell() * 4).toFixed(0)}) rotate(${turn.toFixed(1)})" fill="${hsl(hue, 16, 40 * 0.86 ** i)}" stroke="${hsl(hue, 14, 60 * 0.87 ** i)}" stroke-width="${(9 * 0.9 ** i).toFixed(1)}"/>`;
  });
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#0b0b0b"/>` +
    rings +
    turbulence(brush, {
      frequency: [0.01, 0.02],
      octaves: 5,
      threshold: 0.5,
      gain: 2,
      colour: '#000000',
      opacity: 0.4,
    })
  );
};

/** Scratches and rust. */
export const rust: Art = (brush) => {
  const hue = brush.between(10, 70);
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 22, 26)}"/>` +
    turbulence(brush, {
      frequency: [0.008, 0.008],
      octaves: 6,
      threshold: 0.46,
      gain: 5,
      colour: hsl(hue - 10, 45, 15),
    }) +
    turbulence(brush, {
      frequency: [0.02, 0.02],
      octaves: 6,
      threshold: 0.54,
      gain: 7,
      colour: hsl(hue + 12, 55, 38),
      opacity: 0.8,
    }) +
    turbulence(brush, {
      frequency: [0.05, 0.05],
      octaves: 4,
      threshold: 0.58,
      gain: 9,
      colour: hsl(hue - 20, 40, 7),
    }) +
    times(
      90,
      () =>
        `<path d="M${brush.between(0, WIDTH).toFixed(0)} ${brush.between(0, HEIGHT).toFixed(0)}q${(brush.bell() * 60).toFixed(0)} ${(brush.bell() * 60).toFixed(0)} ${(brush.bell() * 160).toFixed(0)} ${(brush.bell() * 160).toFixed(0)}" stroke="${hsl(hue, 15, brush.pick([5, 60]), 0.5)}" stroke-width="${brush.between(0.6, 3).toFixed(1)}" fill="none"/>`,
    )
  );
};

/** A few lit windows of an empty house in the dark. */
export const lonelyHouse: Art = (brush) => {
  const hue = brush.between(205, 255);
  const x = brush.between(350, 850);
  const gloom = brush.between(6, 22);
  return (
    sky(brush, [
      [0, hsl(hue, 25, gloom)],
      [0.7, hsl(hue, 18, gloom + 16)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.01],
      octaves: 5,
      threshold: 0.44,
      gain: 3,
      colour: hsl(hue, 20, gloom * 0.6),
      opacity: 0.85,
    }) +
    ridge(brush, 600, 24, hsl(hue, 20, 6)) +
    `<path d="M${x} 610V470L${x + 80} 400L${x + 160} 470V610Z" fill="${hsl(hue, 22, 3)}"/>` +
    `<rect x="${x + 66}" y="500" width="24" height="32" fill="${hsl(40, 60, 52)}"/>` +
    glow(brush, x + 78, 516, 80, hsl(40, 70, 55), 0.4) +
    turbulence(brush, {
      frequency: [0.004, 0.014],
      octaves: 4,
      threshold: 0.46,
      gain: 2.4,
      colour: hsl(hue, 14, gloom + 22),
      opacity: 0.55,
      top: 480,
    })
  );
};
