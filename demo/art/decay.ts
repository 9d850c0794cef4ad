import { HEIGHT, WIDTH, blurred, glow, hsl, line, rough, times, turbulence, vignette } from './brush.ts';
import type { Art } from './brush.ts';

/** Earth that has dried out and cracked. */
export const cracked: Art = (brush) => {
  const hue = brush.pick([28, 40, 210, 0]);
  const light = brush.between(14, 40);
  const [columns, rows] = [brush.whole(9, 15), brush.whole(6, 10)];
  const corners = Array.from({ length: rows + 3 }, (_, row) =>
    Array.from(
      { length: columns + 3 },
      (_, column) =>
        [
          (column - 1 + (row % 2) * 0.5 + brush.bell() * 0.17) * (WIDTH / columns),
          (row - 1 + brush.bell() * 0.17) * (HEIGHT / rows),
        ] as const,
    ),
  );
  const plates = times(rows + 2, (row) =>
    times(columns + 2, (column) => {
      const around = [
        corners[row]![column]!,
        corners[row]![column + 1]!,
        corners[row + 1]![column + 1]!,
        corners[row + 1]![column]!,
      ];
      const x = around.reduce((sum, [px]) => sum + px / 4, 0);
      const y = around.reduce((sum, [, py]) => sum + py / 4, 0);
      const shrunk = around.map(([px, py]) => [x + (px - x) * 0.93, y + (py - y) * 0.93] as const);
      return `<path d="${line(shrunk)}Z" fill="${hsl(hue, 16, light + brush.bell() * 4)}" stroke="${hsl(hue, 16, light + 12)}" stroke-width="2" stroke-linejoin="round"/>`;
    }),
  );
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 30, 3)}"/>` +
    rough(brush, 7, [0.03, 0.03], plates) +
    turbulence(brush, {
      frequency: [0.003, 0.004],
      octaves: 4,
      threshold: 0.46,
      gain: 2.4,
      colour: '#000000',
      opacity: 0.7,
    }) +
    vignette(brush, 0.85)
  );
};

/** A wall of old bricks under one lamp. */
export const brickwork: Art = (brush) => {
  const hue = brush.pick([8, 20, 210, 90]);
  const light = brush.between(10, 32);
  const tall = brush.between(42, 62);
  const wall = times(Math.ceil(HEIGHT / tall) + 1, (row) =>
    times(14, (column) => {
      const x = column * tall * 2.3 - (row % 2) * tall * 1.15 - 40;
      return `<rect x="${x.toFixed(0)}" y="${(row * tall).toFixed(0)}" width="${(tall * 2.3 - 7).toFixed(0)}" height="${(tall - 7).toFixed(0)}" rx="3" fill="${hsl(hue + brush.bell() * 5, 24, light + brush.bell() * 4)}"/>`;
    }),
  );
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 10, light * 0.4)}"/>` +
    rough(brush, 8, [0.03, 0.03], wall) +
    turbulence(brush, {
      frequency: [0.004, 0.003],
      octaves: 5,
      threshold: 0.46,
      gain: 3,
      colour: '#000000',
      opacity: 0.8,
    }) +
    glow(brush, brush.between(200, 1080), brush.between(60, 260), 420, hsl(40, 50, 60), 0.3) +
    vignette(brush, 0.9, 0.7)
  );
};

/** Graves in the mist. */
export const graves: Art = (brush) => {
  const hue = brush.between(190, 270);
  const light = brush.between(14, 40);
  const stone = (x: number, y: number, size: number, shade: number): string => {
    const turn = `rotate(${(brush.bell() * 5).toFixed(1)} ${x.toFixed(0)} ${y.toFixed(0)})`;
    const [left, right] = [x - size * 0.4, x + size * 0.4];
    return brush.between(0, 1) < 0.35
      ? `<path transform="${turn}" d="M${(x - size * 0.1).toFixed(0)} ${y.toFixed(0)}v${(-size * 0.9).toFixed(0)}h${(-size * 0.28).toFixed(0)}v${(-size * 0.2).toFixed(0)}h${(size * 0.28).toFixed(0)}v${(-size * 0.36).toFixed(0)}h${(size * 0.2).toFixed(0)}v${(size * 0.36).toFixed(0)}h${(size * 0.28).toFixed(0)}v${(size * 0.2).toFixed(0)}h${(-size * 0.28).toFixed(0)}v${(size * 0.9).toFixed(0)}Z" fill="${hsl(hue, 8, shade)}"/>`
      : `<path transform="${turn}" d="M${left.toFixed(0)} ${y.toFixed(0)}V${(y - size * 0.8).toFixed(0)}A${(size * 0.4).toFixed(0)} ${(size * 0.4).toFixed(0)} 0 0 1 ${right.toFixed(0)} ${(y - size * 0.8).toFixed(0)}V${y.toFixed(0)}Z" fill="${hsl(hue, 8, shade)}"/>`;
  };
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 12, light + 18)}"/>` +
    times(4, (row) => {
      const near = row / 3;
      const count = 9 - row * 2;
      const ground = 430 + near * 290;
      const shade = (light + 12) * (1 - near) + 4;
      return (
        `<path d="M0 ${HEIGHT}V${ground}Q400 ${(ground - brush.between(-16, 30)).toFixed(0)} 720 ${ground}T${WIDTH} ${ground - 8}V${HEIGHT}Z" fill="${hsl(hue, 12, shade + 2)}"/>` +
        blurred(
          brush,
          (1 - near) * 3 + 0.4,
          rough(
            brush,
            6,
            [0.03, 0.03],
            times(count, (i) =>
              stone(((i + 0.5 + brush.bell() * 0.2) / count) * WIDTH, ground + 14, 60 + near * 130, shade),
            ),
          ),
        ) +
        turbulence(brush, {
          frequency: [0.003, 0.01],
          octaves: 4,
          threshold: 0.44,
          gain: 2.4,
          colour: hsl(hue, 10, light + 26),
          opacity: 0.55,
        })
      );
    }) +
    vignette(brush, 0.8)
  );
};
