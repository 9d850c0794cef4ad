import {
  HEIGHT,
  WIDTH,
  billows,
  blurred,
  glow,
  hsl,
  line,
  ridge,
  rough,
  sky,
  times,
  turbulence,
  vignette,
  warped,
} from './brush.ts';
import type { Art, Brush } from './brush.ts';

/** A person in silhouette, arms and legs flung out. */
function leaper(brush: Brush, x: number, y: number, size: number, colour: string): string {
  const limb = (angle: number, bend: number, from: readonly [number, number], long: number): string => {
    const knee = [from[0] + Math.cos(angle) * long, from[1] + Math.sin(angle) * long] as const;
    const end = [knee[0] + Math.cos(angle + bend) * long, knee[1] + Math.sin(angle + bend) * long] as const;
    return `<path d="${line([from, knee, end])}"/>`;
  };
  const hip = [0, 1.1] as const;
  const neck = [0, -0.25] as const;
  return (
    `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) rotate(${(brush.bell() * 12).toFixed(0)}) scale(${size.toFixed(1)})" fill="none" stroke="${colour}" stroke-width="0.34" stroke-linecap="round" stroke-linejoin="round">` +
    `<circle cy="-0.72" r="0.34" fill="${colour}" stroke="none"/><path d="M-0.24 -0.2H0.24L0.14 1.15H-0.14Z" fill="${colour}"/>` +
    limb(-2.6 + brush.bell() * 0.3, 0.7 + brush.bell() * 0.3, neck, 0.8) +
    limb(-0.55 + brush.bell() * 0.3, -0.7 + brush.bell() * 0.3, neck, 0.8) +
    limb(2.2 + brush.bell() * 0.3, -0.6 + brush.bell() * 0.3, hip, 0.9) +
    limb(0.9 + brush.bell() * 0.3, 0.6 + brush.bell() * 0.3, hip, 0.9) +
    '</g>'
  );
}

/** A breaking wave in the sun. */
export const surf: Art = (brush) => {
  const hue = brush.between(178, 205);
  const x = brush.between(380, 640);
  const top = brush.between(170, 260);
  const face = `<path d="M-40 620C200 600 ${x - 160} ${top + 60} ${x + 60} ${top}C${x + 260} ${top - 20} ${x + 420} ${top + 90} ${WIDTH + 60} ${top + 190}V${HEIGHT}H-40Z" fill="url(#w)"/>`;
  const streaks = times(110, () => {
    const from = brush.between(0, WIDTH);
    const low = brush.between(500, 780);
    return `<path d="M${(from - 260).toFixed(0)} ${low.toFixed(0)}Q${(from - 60).toFixed(0)} ${(low - 80).toFixed(0)} ${(from + 60).toFixed(0)} ${(top + brush.between(30, 160) + Math.abs(from - x) * 0.3).toFixed(0)}" stroke="${hsl(hue - 8, 70, brush.between(55, 88), 0.35)}" stroke-width="${brush.between(1, 6).toFixed(1)}" fill="none"/>`;
  });
  const crest = Array.from({ length: 150 }, (_, i) => {
    const along = i / 149;
    return [
      x - 40 + along * (WIDTH - x + 80),
      top + 4 + along ** 1.4 * 190 + brush.bell() * (16 + along * 30),
      brush.between(12, 46),
    ] as const;
  });
  const foot = Array.from(
    { length: 150 },
    () => [brush.between(-40, WIDTH + 40), 770 + brush.bell() * 34, brush.between(14, 56)] as const,
  );
  const spray = times(420, () => {
    const along = brush.between(0, 1);
    return `<circle cx="${(x - 60 + along * (WIDTH - x)).toFixed(0)}" cy="${(top + along ** 1.4 * 190 - Math.abs(brush.bell()) * 70).toFixed(0)}" r="${brush.between(0.8, 4).toFixed(1)}" fill="#ffffff" fill-opacity="${brush.between(0.4, 0.95).toFixed(2)}"/>`;
  });
  return (
    sky(brush, [
      [0, hsl(hue + 18, 85, 50)],
      [0.5, hsl(hue + 6, 70, 84)],
    ]) +
    glow(brush, brush.between(150, 500), 110, 330, hsl(50, 100, 88)) +
    turbulence(brush, {
      frequency: [0.004, 0.01],
      octaves: 5,
      threshold: 0.52,
      gain: 3,
      colour: '#ffffff',
      opacity: 0.8,
      height: 420,
    }) +
    `<linearGradient id="w" x2="0" y2="1"><stop offset="0" stop-color="${hsl(hue - 12, 70, 70)}"/><stop offset="0.35" stop-color="${hsl(hue - 4, 85, 40)}"/><stop offset="1" stop-color="${hsl(hue + 12, 90, 20)}"/></linearGradient>` +
    ridge(brush, 480, 8, hsl(hue + 8, 70, 34)) +
    warped(brush, 24, [0.006, 0.02], face + streaks) +
    turbulence(brush, {
      frequency: [0.006, 0.03],
      octaves: 4,
      threshold: 0.56,
      gain: 4,
      colour: '#ffffff',
      opacity: 0.5,
      top: 420,
    }) +
    warped(brush, 50, [0.02, 0.02], billows(brush, [...crest, ...foot], '#ffffff', hsl(hue + 10, 45, 78))) +
    spray +
    (brush.pick([true, false])
      ? leaper(brush, x - 60, 480, 34, hsl(hue + 20, 50, 10)) +
        `<ellipse cx="${x - 60}" cy="566" rx="92" ry="11" transform="rotate(-14 ${x - 60} 566)" fill="${hsl(20, 90, 60)}"/>`
      : '')
  );
};

/** Snow and rock high above the clouds. */
export const peaks: Art = (brush) => {
  const hue = brush.between(200, 232);
  const warm = brush.between(0, 1);
  const peak = (x: number, top: number, wide: number, far: number): string => {
    const left = Array.from(
      { length: 13 },
      (_, i) =>
        [
          x - wide + (i * wide) / 12,
          HEIGHT - ((HEIGHT - top) * i) / 12 + (i < 12 ? brush.bell() * 22 : 0),
        ] as const,
    );
    const right = Array.from(
      { length: 13 },
      (_, i) =>
        [x + (i * wide) / 12, top + ((HEIGHT - top) * i) / 12 + (i > 0 ? brush.bell() * 22 : 0)] as const,
    );
    const crest = Array.from(
      { length: 13 },
      (_, i) => [x + brush.bell() * 24 + i * 7, top + ((HEIGHT - top) * i) / 12] as const,
    );
    const lit = hsl(hue + warm * 175, 40 * warm + 12, 92 - far * 8);
    return (
      rough(brush, 16 - far * 8, [0.011, 0.016], `<path d="${line([...left, ...right])}Z" fill="${lit}"/>`) +
      `<path d="${line([[x, top], ...right.slice(1), ...[...crest].reverse()])}Z" fill="${hsl(hue, 55, 40 + far * 20)}" fill-opacity="0.7"/>`
    );
  };
  return (
    sky(brush, [
      [0, hsl(hue, 85, 30)],
      [0.6, hsl(hue - 10 + warm * 190, 70, 78)],
    ]) +
    glow(brush, brush.between(80, 400), brush.between(60, 180), 420, hsl(46, 100, 86)) +
    peak(brush.between(150, 420), 300, 560, 1) +
    peak(brush.between(900, 1150), 270, 560, 0.8) +
    turbulence(brush, {
      frequency: [0.003, 0.009],
      octaves: 5,
      threshold: 0.5,
      gain: 3,
      colour: '#ffffff',
      opacity: 0.8,
      top: 300,
    }) +
    peak(brush.between(520, 780), brush.between(110, 190), 640, 0) +
    turbulence(brush, {
      frequency: [0.003, 0.01],
      octaves: 5,
      threshold: 0.46,
      gain: 3.2,
      colour: '#ffffff',
      opacity: 0.9,
      top: 600,
    }) +
    times(
      60,
      () =>
        `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, HEIGHT).toFixed(0)}" r="${brush.between(0.6, 2).toFixed(1)}" fill="#ffffff" fill-opacity="0.7"/>`,
    )
  );
};

/** Arms of a galaxy. */
export const galaxy: Art = (brush) => {
  const hue = brush.between(190, 330);
  const x = WIDTH / 2 + brush.bell() * 90;
  const y = HEIGHT / 2 + brush.bell() * 30;
  const tilt = brush.between(-35, 35);
  const flat = brush.between(0.38, 0.8);
  const wind = brush.between(2.2, 4);
  const arms = brush.pick([2, 2, 3]);
  const dust = (
    count: number,
    spread: number,
    size: readonly [number, number],
    colour: (far: number) => string,
  ): string =>
    times(count, () => {
      const far = brush.between(0, 1) ** 0.8;
      const angle = (brush.whole(1, arms) / arms) * 6.2832 + far * wind + brush.bell() * spread;
      const reach = 30 + far * 560;
      return `<circle cx="${(Math.cos(angle) * reach).toFixed(0)}" cy="${(Math.sin(angle) * reach * flat).toFixed(0)}" r="${brush.between(...size).toFixed(1)}" fill="${colour(far)}"/>`;
    });
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 60, 3)}"/>` +
    turbulence(brush, {
      frequency: [0.003, 0.004],
      octaves: 5,
      threshold: 0.46,
      gain: 2.6,
      colour: hsl(hue, 70, 24),
      opacity: 0.7,
    }) +
    times(
      420,
      () =>
        `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, HEIGHT).toFixed(0)}" r="${(brush.between(0.3, 1) ** 3 * 2.4).toFixed(2)}" fill="${hsl(brush.pick([210, 45, 0]), 50, 92)}"/>`,
    ) +
    `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) rotate(${tilt.toFixed(0)})">` +
    blurred(
      brush,
      18,
      dust(420, 0.28, [10, 44], (far) => hsl(hue + far * 70, 80, 62 - far * 20, 0.2)),
    ) +
    blurred(
      brush,
      1,
      dust(900, 0.22, [0.7, 3.2], (far) => hsl(hue + far * 60, 80, 84, 0.8)),
    ) +
    `</g>` +
    glow(brush, x, y, 300, hsl(42, 100, 82)) +
    glow(brush, x, y, 110, '#ffffff')
  );
};

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

/** People who leap before a low sun. */
export const leapers: Art = (brush) => {
  const hue = brush.between(6, 46);
  const horizon = brush.between(600, 660);
  const x = brush.between(400, 880);
  const count = brush.whole(3, 6);
  return (
    sky(brush, [
      [0, hsl(hue + 225, 60, 34)],
      [0.4, hsl(hue - 18, 80, 58)],
      [horizon / HEIGHT, hsl(hue + 16, 100, 72)],
      [horizon / HEIGHT + 0.001, hsl(hue, 70, 40)],
      [1, hsl(hue + 220, 40, 12)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.012],
      octaves: 5,
      threshold: 0.5,
      gain: 3,
      colour: hsl(hue - 10, 90, 66),
      opacity: 0.7,
      height: horizon,
    }) +
    glow(brush, x, horizon - 90, 460, hsl(hue + 20, 100, 80)) +
    `<circle cx="${x.toFixed(0)}" cy="${(horizon - 90).toFixed(0)}" r="80" fill="${hsl(48, 100, 92)}"/>` +
    blurred(
      brush,
      3,
      times(
        120,
        () =>
          `<ellipse cx="${(x + brush.bell() * 200).toFixed(0)}" cy="${brush.between(horizon + 4, 720).toFixed(0)}" rx="${brush.between(20, 90).toFixed(0)}" ry="2.4" fill="${hsl(hue + 12, 100, 78, 0.6)}"/>`,
      ),
    ) +
    ridge(brush, 730, 8, hsl(hue + 200, 30, 6)) +
    times(count, (i) =>
      leaper(
        brush,
        ((i + 0.7) / (count + 0.4)) * WIDTH + brush.bell() * 30,
        brush.between(430, 560),
        brush.between(58, 82),
        hsl(hue + 200, 35, 6),
      ),
    )
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
