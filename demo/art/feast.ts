import { HEIGHT, WIDTH, blurred, glow, hsl, sky, times, turbulence } from './brush.ts';
import type { Art, Brush } from './brush.ts';

/** Fireworks over dark water. */
export const fireworks: Art = (brush) => {
  const bursts = times(brush.whole(5, 9), () => {
    const x = brush.between(120, WIDTH - 120);
    const y = brush.between(80, 430);
    const hue = brush.between(0, 360);
    const size = brush.between(90, 230);
    const sparks = times(brush.whole(50, 90), () => {
      const angle = brush.between(0, 6.2832);
      const reach = size * brush.between(0.55, 1);
      const dx = Math.cos(angle) * reach;
      const dy = Math.sin(angle) * reach;
      return (
        `<path d="M${(x + dx * 0.3).toFixed(0)} ${(y + dy * 0.3).toFixed(0)}Q${(x + dx * 0.8).toFixed(0)} ${(y + dy * 0.8).toFixed(0)} ${(x + dx).toFixed(0)} ${(y + dy + size * 0.12).toFixed(0)}" stroke="${hsl(hue + brush.bell() * 14, 100, 66, 0.85)}" stroke-width="2.4" fill="none"/>` +
        `<circle cx="${(x + dx).toFixed(0)}" cy="${(y + dy + size * 0.12).toFixed(0)}" r="3" fill="${hsl(hue + 30, 100, 88)}"/>`
      );
    });
    return glow(brush, x, y, size * 1.3, hsl(hue, 100, 60), 0.5) + sparks;
  });
  return (
    sky(brush, [
      [0, hsl(240, 55, 6)],
      [0.75, hsl(255, 50, 18)],
      [0.76, hsl(240, 55, 7)],
    ]) +
    bursts +
    blurred(
      brush,
      10,
      `<g transform="translate(0 ${HEIGHT * 1.52}) scale(1 -1)" opacity="0.35">${bursts.replaceAll(/id="i(\d+)"/g, 'id="r$1"').replaceAll(/#i(\d+)/g, '#r$1')}</g>`,
    )
  );
};

/** Balloons in a summer sky. */
export const balloons: Art = (brush) => {
  const balloon = (x: number, y: number, size: number): string => {
    const hue = brush.between(0, 360);
    const stripes = times(
      4,
      (i) =>
        `<ellipse cx="${x}" cy="${y}" rx="${(size * (1 - i * 0.26)).toFixed(1)}" ry="${(size * 1.18).toFixed(1)}" fill="${hsl(hue + (i % 2) * 45, 88, 58)}"/>`,
    );
    return (
      stripes +
      `<ellipse cx="${x - size * 0.3}" cy="${y - size * 0.5}" rx="${size * 0.22}" ry="${size * 0.34}" fill="#ffffff66"/>` +
      `<path d="M${x - size * 0.3} ${y + size * 1.1}L${x - size * 0.16} ${y + size * 1.5}M${x + size * 0.3} ${y + size * 1.1}L${x + size * 0.16} ${y + size * 1.5}" stroke="#5a3a1a" stroke-width="2"/>` +
      `<rect x="${x - size * 0.18}" y="${y + size * 1.48}" width="${size * 0.36}" height="${size * 0.26}" rx="3" fill="#7a4a20"/>`
    );
  };
  const sizes = Array.from({ length: brush.whole(5, 11) }, () => brush.between(22, 105)).sort(
    (a, b) => a - b,
  );
  return (
    sky(brush, [
      [0, hsl(208, 88, 55)],
      [1, hsl(195, 80, 87)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.008],
      octaves: 5,
      threshold: 0.52,
      gain: 3.4,
      colour: '#ffffff',
      opacity: 0.9,
    }) +
    sizes
      .map((size) =>
        balloon(
          Math.round(brush.between(80, WIDTH - 80)),
          Math.round(brush.between(90, HEIGHT - 240)),
          Math.round(size),
        ),
      )
      .join('')
  );
};

function petals(brush: Brush, count: number, reach: number, hue: number): string {
  return times(
    count,
    (i) =>
      `<path transform="rotate(${((360 / count) * i).toFixed(2)})" d="M0 0C${(reach * 0.35).toFixed(0)} ${(-reach * 0.35).toFixed(0)} ${(reach * 0.25).toFixed(0)} ${(-reach * 0.9).toFixed(0)} 0 ${(-reach).toFixed(0)}C${(-reach * 0.25).toFixed(0)} ${(-reach * 0.9).toFixed(0)} ${(-reach * 0.35).toFixed(0)} ${(-reach * 0.35).toFixed(0)} 0 0Z" fill="${hsl(hue, 88, 60, 0.75)}" stroke="${hsl(hue + 20, 90, 78)}" stroke-width="2"/>`,
  );
}

/** A mandala in bright colours. */
export const mandala: Art = (brush) => {
  const hue = brush.between(0, 360);
  const count = brush.pick([8, 10, 12, 16]);
  const rings = times(6, (i) => petals(brush, count * (i < 3 ? 2 : 1), 520 - i * 78, hue + i * 48));
  return (
    sky(brush, [
      [0, hsl(hue + 190, 70, 22)],
      [1, hsl(hue + 240, 75, 32)],
    ]) +
    `<g transform="translate(${WIDTH / 2} ${HEIGHT / 2})">${rings}<circle r="46" fill="${hsl(hue + 60, 95, 70)}"/></g>`
  );
};

/** A rainbow after the rain. */
export const rainbow: Art = (brush) => {
  const x = brush.between(400, 880);
  const arcs = times(
    14,
    (i) =>
      `<circle cx="${x}" cy="760" r="${560 - i * 9}" fill="none" stroke="${hsl(i * 20, 95, 62, 0.62)}" stroke-width="10"/>`,
  );
  return (
    sky(brush, [
      [0, hsl(210, 60, 56)],
      [0.75, hsl(200, 70, 86)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.007],
      octaves: 5,
      threshold: 0.5,
      gain: 3,
      colour: '#ffffff',
      opacity: 0.85,
    }) +
    blurred(brush, 5, arcs) +
    `<path d="M0 ${HEIGHT}V640Q320 ${brush.between(560, 620).toFixed(0)} 640 650T${WIDTH} 630V${HEIGHT}Z" fill="${hsl(105, 55, 46)}"/>` +
    `<path d="M0 ${HEIGHT}V710Q400 ${brush.between(640, 690).toFixed(0)} 760 720T${WIDTH} 700V${HEIGHT}Z" fill="${hsl(98, 60, 36)}"/>` +
    times(
      120,
      () =>
        `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(725, HEIGHT).toFixed(0)}" r="${brush.between(3, 9).toFixed(1)}" fill="${hsl(brush.pick([0, 50, 300, 330, 20]), 95, 68)}"/>`,
    )
  );
};
