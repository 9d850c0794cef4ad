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
