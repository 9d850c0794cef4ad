import { HEIGHT, WIDTH, blurred, glow, hsl, rough, sky, times, turbulence } from './brush.ts';
import type { Art, Brush } from './brush.ts';

/** A blossom seen from above, its petals in layers. */
function blossom(
  brush: Brush,
  x: number,
  y: number,
  size: number,
  hue: number,
  flat = 1,
  light = 78,
): string {
  const layers = times(3, (layer) => {
    const reach = size * (1 - layer * 0.27);
    return times(
      9,
      (i) =>
        `<path transform="rotate(${(i * 40 + layer * 20 + brush.bell() * 3).toFixed(0)})" d="M0 0C${(reach * 0.36).toFixed(1)} ${(-reach * 0.3).toFixed(1)} ${(reach * 0.3).toFixed(1)} ${(-reach * 0.85).toFixed(1)} 0 ${(-reach).toFixed(1)}C${(-reach * 0.3).toFixed(1)} ${(-reach * 0.85).toFixed(1)} ${(-reach * 0.36).toFixed(1)} ${(-reach * 0.3).toFixed(1)} 0 0Z" fill="${hsl(hue + brush.bell() * 4, 70, light + layer * 5 + brush.bell() * 2)}" stroke="${hsl(hue, 60, light - 16, 0.5)}" stroke-width="1"/>`,
    );
  });
  return `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) scale(1 ${flat.toFixed(2)})">${layers}<circle r="${(size * 0.16).toFixed(1)}" fill="${hsl(46, 95, 60)}"/></g>`;
}

/** Water lilies on a still pond. */
export const lilies: Art = (brush) => {
  const hue = brush.between(165, 205);
  const light = brush.between(30, 58);
  const pads = Array.from({ length: brush.whole(18, 34) }, () => brush.between(0, 1))
    .sort((a, b) => a - b)
    .map((near) => {
      const x = brush.between(-20, WIDTH + 20);
      const y = 110 + near * 640;
      const size = 40 + near * 90;
      const turn = brush.between(0, 360);
      const green = brush.between(95, 145);
      const veins = times(
        9,
        (i) =>
          `<path d="M0 0L${(Math.cos(i * 0.68) * size * 0.9).toFixed(0)} ${(Math.sin(i * 0.68) * size * 0.9).toFixed(0)}" stroke="${hsl(green, 40, 58, 0.6)}" stroke-width="1.6"/>`,
      );
      const pad = `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) scale(1 0.42) rotate(${turn.toFixed(0)})"><path d="M0 0L${(size * 0.96).toFixed(0)} ${(-size * 0.26).toFixed(0)}A${size.toFixed(0)} ${size.toFixed(0)} 0 1 0 ${(size * 0.96).toFixed(0)} ${(size * 0.26).toFixed(0)}Z" fill="${hsl(green, 45, brush.between(32, 50))}" stroke="${hsl(green, 40, 28)}" stroke-width="2"/>${veins}</g>`;
      return (
        pad +
        (brush.between(0, 1) < 0.45
          ? blossom(brush, x, y - size * 0.16, size * 0.62, brush.pick([330, 345, 45, 300]), 0.62, 82)
          : '')
      );
    })
    .join('');
  return (
    sky(brush, [
      [0, hsl(hue, 45, light + 26)],
      [1, hsl(hue + 14, 50, light - 8)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.03],
      octaves: 3,
      threshold: 0.5,
      gain: 2.4,
      colour: hsl(hue, 50, light + 36),
      opacity: 0.5,
    }) +
    pads
  );
};

/** Rows of lavender below low hills. */
export const lavender: Art = (brush) => {
  const hue = brush.between(255, 285);
  const horizon = brush.between(270, 340);
  const vanish = brush.between(480, 800);
  const stalks = Array.from({ length: 2600 }, () => {
    const near = brush.between(0, 1) ** 1.7;
    const row = brush.whole(-16, 16);
    const y = horizon + 26 + near * (HEIGHT - horizon + 10);
    const x = vanish + (row + brush.bell() * 0.16) * (12 + near * 150);
    return [x, y, 4 + near * 32] as const;
  })
    .filter(([x]) => x > -40 && x < WIDTH + 40)
    .sort((a, b) => a[1] - b[1])
    .map(
      ([x, y, size]) =>
        `<ellipse cx="${(x + brush.bell() * size * 0.3).toFixed(0)}" cy="${y.toFixed(0)}" rx="${(size * 0.17).toFixed(1)}" ry="${(size * 0.62).toFixed(1)}" fill="${hsl(hue + brush.bell() * 9, 50, brush.between(46, 76))}"/>`,
    )
    .join('');
  const hill = (y: number, colour: string): string =>
    `<path d="M0 ${HEIGHT}V${y}Q320 ${y - brush.between(20, 80)} 640 ${y - 10}T${WIDTH} ${y - 20}V${HEIGHT}Z" fill="${colour}"/>`;
  return (
    sky(brush, [
      [0, hsl(205, 65, 70)],
      [0.42, hsl(brush.between(20, 50), 80, 90)],
    ]) +
    glow(brush, brush.between(150, WIDTH - 150), horizon - 60, 300, hsl(45, 100, 88), 0.9) +
    hill(horizon - 10, hsl(hue - 30, 30, 66)) +
    hill(horizon + 16, hsl(110, 28, 52)) +
    `<rect y="${horizon + 22}" width="${WIDTH}" height="${HEIGHT}" fill="${hsl(100, 30, 34)}"/>` +
    stalks
  );
};

/** Leaves that lie over each other. */
export const leaves: Art = (brush) => {
  const hue = brush.pick([95, 110, 135, 38, 20]);
  const leaf = (x: number, y: number, size: number): string => {
    const light = brush.between(24, 62);
    const own = hue + brush.bell() * 12;
    const veins = times(
      7,
      (i) =>
        `M0 ${(-size * (0.12 + i * 0.11)).toFixed(0)}L${(size * 0.26).toFixed(0)} ${(-size * (0.24 + i * 0.11)).toFixed(0)}M0 ${(-size * (0.12 + i * 0.11)).toFixed(0)}L${(-size * 0.26).toFixed(0)} ${(-size * (0.24 + i * 0.11)).toFixed(0)}`,
    );
    return `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) rotate(${brush.between(0, 360).toFixed(0)})"><path d="M0 0C${(size * 0.5).toFixed(0)} ${(-size * 0.3).toFixed(0)} ${(size * 0.36).toFixed(0)} ${(-size * 0.8).toFixed(0)} 0 ${(-size).toFixed(0)}C${(-size * 0.36).toFixed(0)} ${(-size * 0.8).toFixed(0)} ${(-size * 0.5).toFixed(0)} ${(-size * 0.3).toFixed(0)} 0 0Z" fill="${hsl(own, 52, light)}"/><path d="M0 0V${(-size).toFixed(0)}${veins}" stroke="${hsl(own, 45, light + 16, 0.7)}" stroke-width="1.6" fill="none"/></g>`;
  };
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 45, 16)}"/>` +
    times(150, () =>
      leaf(brush.between(-60, WIDTH + 60), brush.between(-20, HEIGHT + 120), brush.between(90, 250)),
    ) +
    times(brush.pick([0, 5, 9]), () =>
      blossom(
        brush,
        brush.between(100, 1180),
        brush.between(100, 700),
        brush.between(50, 110),
        brush.pick([330, 0, 45, 280]),
        1,
        76,
      ),
    )
  );
};

/** Pebbles on a shore. */
export const pebbles: Art = (brush) => {
  const hue = brush.between(20, 230);
  const grid = times(13, (row) =>
    times(17, (column) => {
      const x = column * 82 + (row % 2) * 41 + brush.bell() * 9 - 30;
      const y = row * 66 + brush.bell() * 8;
      const [rx, ry] = [brush.between(30, 47), brush.between(25, 37)];
      const turn = brush.between(-40, 40).toFixed(0);
      const light = brush.between(42, 84);
      return `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) rotate(${turn})"><ellipse cx="4" cy="7" rx="${rx.toFixed(0)}" ry="${ry.toFixed(0)}" fill="#000000" opacity="0.4"/><ellipse rx="${rx.toFixed(0)}" ry="${ry.toFixed(0)}" fill="${hsl(hue + brush.bell() * 24, 20, light)}"/><ellipse cx="-9" cy="-9" rx="${(rx * 0.5).toFixed(0)}" ry="${(ry * 0.4).toFixed(0)}" fill="#ffffff" opacity="0.22"/></g>`;
    }),
  );
  return `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 18, 22)}"/>${rough(brush, 2, [0.05, 0.05], grid)}`;
};

/** Butterflies over a warm field of colour. */
export const butterflies: Art = (brush) => {
  const hue = brush.between(30, 200);
  const butterfly = (x: number, y: number, size: number): string => {
    const own = brush.pick([25, 45, 205, 280, 330]);
    const wing = `<path d="M0 0C14 -52 60 -64 72 -42C82 -18 44 4 0 6C40 8 58 28 48 50C36 66 8 40 0 8Z" fill="${hsl(own, 85, 62)}" stroke="${hsl(own, 60, 22)}" stroke-width="5"/><circle cx="52" cy="-34" r="7" fill="#ffffff" opacity="0.8"/><circle cx="36" cy="34" r="6" fill="${hsl(own + 40, 90, 74)}"/>`;
    return `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) rotate(${brush.between(-60, 60).toFixed(0)}) scale(${size.toFixed(2)})">${wing}<g transform="scale(-1 1)">${wing}</g><ellipse ry="26" rx="4.4" cy="4" fill="#241a14"/></g>`;
  };
  return (
    sky(brush, [
      [0, hsl(hue, 55, 82)],
      [1, hsl(hue + 40, 50, 62)],
    ]) +
    blurred(
      brush,
      14,
      times(
        60,
        () =>
          `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(300, HEIGHT).toFixed(0)}" r="${brush.between(14, 60).toFixed(0)}" fill="${hsl(brush.pick([330, 45, 280, hue]), 70, 74, 0.7)}"/>`,
      ),
    ) +
    times(26, () =>
      blossom(
        brush,
        brush.between(0, WIDTH),
        brush.between(560, HEIGHT),
        brush.between(26, 70),
        brush.pick([330, 45, 280, 0]),
        0.8,
        74,
      ),
    ) +
    times(brush.whole(7, 14), () =>
      butterfly(brush.between(90, WIDTH - 90), brush.between(80, 560), brush.between(0.6, 1.5)),
    )
  );
};
