import { HEIGHT, WIDTH, blurred, glow, hsl, ridge, sky, times, turbulence } from './brush.ts';
import type { Art, Brush } from './brush.ts';

function flower(brush: Brush, x: number, y: number, size: number): string {
  const hue = brush.pick([350, 20, 45, 55, 300, 330, 210, 0]);
  const petals = brush.whole(5, 8);
  const turn = brush.between(0, 360);
  const shape = times(
    petals,
    (i) =>
      `<ellipse cx="0" cy="${-size * 0.62}" rx="${(size * 0.34).toFixed(1)}" ry="${(size * 0.6).toFixed(1)}" transform="rotate(${(turn + (360 / petals) * i).toFixed(0)})" fill="${hsl(hue + brush.between(-8, 8), 85, brush.between(58, 72))}"/>`,
  );
  return `<g transform="translate(${x.toFixed(1)} ${y.toFixed(1)})">${shape}<circle r="${(size * 0.28).toFixed(1)}" fill="${hsl(45, 95, 55)}"/></g>`;
}

/** Flowers in front of hills under a bright sky. */
export const meadow: Art = (brush) => {
  const horizon = brush.between(300, 420);
  const green = brush.between(85, 125);
  const blades = times(900, () => {
    const y = brush.between(horizon + 60, HEIGHT + 40);
    const size = 8 + ((y - horizon) / HEIGHT) * 60;
    const x = brush.between(-20, WIDTH + 20);
    return `<path d="M${x.toFixed(0)} ${y.toFixed(0)}q${(brush.bell() * 6).toFixed(1)} ${(-size * 0.6).toFixed(1)} ${(brush.bell() * 12).toFixed(1)} ${(-size).toFixed(1)}" stroke="${hsl(green + brush.bell() * 12, 60, brush.between(28, 52))}" stroke-width="3" fill="none"/>`;
  });
  const flowers = Array.from({ length: brush.whole(70, 140) }, () => brush.between(0, 1) ** 1.5)
    .sort((a, b) => a - b)
    .map((near) =>
      flower(brush, brush.between(0, WIDTH), horizon + 70 + near * (HEIGHT - horizon - 60), 6 + near * 34),
    )
    .join('');
  return (
    sky(brush, [
      [0, hsl(brush.between(200, 215), 85, 58)],
      [0.55, hsl(200, 75, 88)],
    ]) +
    glow(brush, brush.between(200, WIDTH - 200), brush.between(60, 160), 260, hsl(50, 100, 85)) +
    turbulence(brush, {
      frequency: [0.004, 0.01],
      octaves: 4,
      threshold: 0.5,
      gain: 3,
      colour: '#ffffff',
      opacity: 0.8,
      height: horizon,
    }) +
    ridge(brush, horizon, 40, hsl(green + 30, 35, 55)) +
    ridge(brush, horizon + 40, 24, hsl(green, 50, 45)) +
    blades +
    flowers
  );
};

/** Ranges of hills that fade into the distance. */
export const mountains: Art = (brush) => {
  const hue = brush.pick([205, 220, 245, 265, 190, 20]);
  const layers = brush.whole(5, 8);
  const top = brush.between(180, 300);
  return (
    sky(brush, [
      [0, hsl(hue, 45, brush.between(55, 75))],
      [0.5, hsl(hue + brush.between(-40, 40), 55, 86)],
    ]) +
    glow(brush, brush.between(200, 1080), top - 30, 300, hsl(hue + 160, 70, 92), 0.9) +
    times(layers, (i) => {
      const depth = i / (layers - 1);
      return (
        ridge(brush, top + depth * 480, 110 - depth * 50, hsl(hue, 25 + depth * 20, 75 - depth * 58)) +
        turbulence(brush, {
          frequency: [0.003, 0.012],
          octaves: 3,
          threshold: 0.52,
          gain: 2.4,
          colour: hsl(hue, 30, 92),
          opacity: 0.35 * (1 - depth),
          top: top + depth * 480,
        })
      );
    })
  );
};

/** Dunes in low light. */
export const dunes: Art = (brush) => {
  const hue = brush.between(18, 40);
  const count = brush.whole(4, 6);
  const wave = (y: number, tall: number, colour: string): string => {
    const phase = brush.between(0, 6);
    const length = brush.between(250, 600);
    const points = times(65, (i) => {
      const x = (i * WIDTH) / 64;
      return `L${x.toFixed(0)} ${(y - tall * Math.abs(Math.sin(x / length + phase)) ** 0.8).toFixed(1)}`;
    });
    return `<path d="M0 ${HEIGHT}${points}L${WIDTH} ${HEIGHT}Z" fill="${colour}"/>`;
  };
  return (
    sky(brush, [
      [0, hsl(hue + 180, 30, 62)],
      [0.5, hsl(hue, 60, 82)],
    ]) +
    times(count, (i) => {
      const y = 380 + (i * 420) / count;
      return (
        wave(y, 110, hsl(hue, 55 - i * 3, 68 - i * 8)) + wave(y + 36, 60, hsl(hue - 6, 50, 58 - i * 8, 0.8))
      );
    }) +
    turbulence(brush, {
      frequency: [0.02, 0.3],
      octaves: 3,
      threshold: 0.5,
      gain: 2,
      colour: hsl(hue, 60, 25),
      opacity: 0.25,
      top: 380,
    })
  );
};

function branch(brush: Brush, x: number, y: number, angle: number, length: number, width: number): string {
  if (length < 9) return '';
  const x2 = x + Math.sin(angle) * length;
  const y2 = y - Math.cos(angle) * length;
  const here = `<path d="M${x.toFixed(1)} ${y.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke-width="${width.toFixed(1)}"/>`;
  return (
    here +
    times(brush.pick([2, 2, 3]), () =>
      branch(brush, x2, y2, angle + brush.bell() * 0.42, length * brush.between(0.62, 0.8), width * 0.66),
    )
  );
}

/** Bare trees in fog. */
export const bareTrees: Art = (brush) => {
  const hue = brush.between(190, 250);
  const dark = brush.between(0, 1);
  const rows = 4;
  return (
    sky(brush, [
      [0, hsl(hue, 10, 62 - dark * 42)],
      [1, hsl(hue, 8, 82 - dark * 50)],
    ]) +
    times(rows, (row) => {
      const near = row / (rows - 1);
      const trees = times(Math.round(7 - near * 4), () =>
        branch(
          brush,
          brush.between(0, WIDTH),
          560 + near * 230,
          brush.bell() * 0.05,
          70 + near * 90,
          6 + near * 16,
        ),
      );
      const grey = (66 - dark * 44) * (1 - near) + 5;
      return (
        blurred(
          brush,
          (1 - near) * 3,
          `<g stroke="${hsl(hue, 8, grey)}" stroke-linecap="round" fill="none">${trees}</g>`,
        ) +
        ridge(brush, 560 + near * 210, 14, hsl(hue, 9, grey + 3)) +
        turbulence(brush, {
          frequency: [0.003, 0.008],
          octaves: 3,
          threshold: 0.42,
          gain: 2.2,
          colour: hsl(hue, 8, 80 - dark * 45),
          opacity: 0.5,
        })
      );
    })
  );
};
