import {
  HEIGHT,
  WIDTH,
  billows,
  blurred,
  glow,
  hsl,
  ridge,
  rough,
  sky,
  times,
  turbulence,
  vignette,
  warped,
} from './brush.ts';
import type { Art, Brush } from './brush.ts';

/** Grey air: haze behind, or smoke before what is in it. */
function haze(brush: Brush, hue: number, light: number, opacity: number): string {
  return turbulence(brush, {
    frequency: [0.003, 0.005],
    octaves: 6,
    threshold: 0.42,
    gain: 3,
    colour: hsl(hue, 8, light),
    opacity,
  });
}

/** Hooded figures that come out of the smoke. */
export const hooded: Art = (brush) => {
  const hue = brush.between(0, 360);
  const light = brush.between(16, 46);
  const figure = (x: number, size: number, colour: string): string =>
    `<path transform="translate(${x.toFixed(0)} ${HEIGHT - 40}) scale(${size.toFixed(2)})" d="M-74 60C-80 -120 -74 -210 -34 -244C-40 -300 -22 -334 0 -340C22 -334 40 -300 34 -244C74 -210 80 -120 74 60Z" fill="${colour}"/>` +
    `<ellipse cx="${x.toFixed(0)}" cy="${(HEIGHT - 40 - 282 * size).toFixed(0)}" rx="${(20 * size).toFixed(0)}" ry="${(32 * size).toFixed(0)}" fill="#000000"/>`;
  const row = (count: number, size: number, shade: number): string =>
    times(count, (i) =>
      figure(
        ((i + 0.5) / count) * WIDTH + brush.bell() * 50,
        size * brush.between(0.9, 1.15),
        hsl(hue, 8, shade),
      ),
    );
  return (
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 8, light)}"/>` +
    haze(brush, hue, light + 28, 0.8) +
    glow(brush, WIDTH / 2 + brush.bell() * 120, 330, 480, hsl(hue + 20, 14, light + 40), 0.6) +
    blurred(brush, 5, row(7, 0.9, light * 0.7)) +
    haze(brush, hue, light + 20, 0.6) +
    blurred(brush, 3, row(brush.whole(2, 4), 1.6, light * 0.24)) +
    turbulence(brush, {
      frequency: [0.004, 0.008],
      octaves: 5,
      threshold: 0.5,
      gain: 3.4,
      colour: hsl(hue, 8, light + 16),
      opacity: 0.7,
      top: 0,
    }) +
    vignette(brush, 0.85)
  );
};

/** Something with fins in dark water. */
export const shark: Art = (brush) => {
  const hue = brush.between(170, 225);
  const light = brush.between(12, 34);
  const x = brush.between(480, 760);
  const y = brush.between(360, 460);
  const size = brush.between(1, 1.7);
  const side = brush.pick([-1, 1]);
  const id = brush.id();
  const body = `<path d="M330 0C250 -74 60 -96 -110 -50C-200 -26 -300 -8 -350 -4L-440 -110C-420 -50 -420 -6 -400 10C-420 30 -432 66 -446 120L-350 20C-240 46 -80 80 60 78C190 74 290 50 330 0Z" fill="url(#${id})"/><path d="M20 -84C10 -150 -50 -180 -80 -186C-66 -150 -74 -100 -90 -60Z" fill="${hsl(hue, 18, light * 0.7)}"/><path d="M90 50C70 120 10 180 -50 200C-20 150 -10 100 10 70Z" fill="${hsl(hue, 18, light * 0.6)}"/>`;
  const teeth = times(13, (i) => `<path d="M${300 - i * 13} ${20 + i * 2.4}l-6 17l-6 -15Z" fill="#f2eee2"/>`);
  return (
    sky(brush, [
      [0, hsl(hue, 35, light + 26)],
      [0.5, hsl(hue + 6, 45, light)],
      [1, hsl(hue + 12, 50, 3)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.006],
      octaves: 5,
      threshold: 0.46,
      gain: 2.6,
      colour: hsl(hue, 30, light + 30),
      opacity: 0.45,
    }) +
    `<linearGradient id="${id}" x2="0" y2="1"><stop offset="0" stop-color="${hsl(hue, 16, light * 0.9)}"/><stop offset="0.5" stop-color="${hsl(hue, 14, light + 12)}"/><stop offset="0.75" stop-color="${hsl(hue, 12, light + 44)}"/><stop offset="1" stop-color="${hsl(hue, 14, light + 10)}"/></linearGradient>` +
    `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) scale(${(side * size).toFixed(2)} ${size.toFixed(2)})">` +
    blurred(brush, 2, rough(brush, 2, [0.02, 0.02], body)) +
    `<path d="M312 14Q230 26 140 56Q220 66 306 30Z" fill="${hsl(0, 50, 12)}"/>${teeth}` +
    times(
      4,
      (i) =>
        `<path d="M${116 - i * 18} -22q-14 26 -4 56" stroke="#000000" stroke-opacity="0.6" stroke-width="4" fill="none"/>`,
    ) +
    `<circle cx="244" cy="-16" r="9" fill="#000000"/><circle cx="247" cy="-19" r="2.4" fill="#ffffff"/></g>` +
    turbulence(brush, {
      frequency: [0.004, 0.007],
      octaves: 5,
      threshold: 0.5,
      gain: 2.6,
      colour: hsl(hue, 34, light * 0.6),
      opacity: 0.7,
    }) +
    vignette(brush, 0.85)
  );
};

/** A cloud of crows over a dead tree. */
export const crows: Art = (brush) => {
  const hue = brush.pick([220, 40, 0, 90]);
  const light = brush.between(18, 58);
  const crow = (x: number, y: number, size: number, turn: number): string => {
    const lift = brush.pick([-1, 1]) * brush.between(0.55, 1);
    return `<path transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) rotate(${turn.toFixed(0)}) scale(${size.toFixed(2)})" d="M-30 2Q-10 -8 0 -6Q14 -10 24 -2L34 0L24 4Q8 10 -10 8L-34 16ZM-6 -4C-16 ${(-40 * lift - 20).toFixed(0)} -44 ${(-60 * lift - 10).toFixed(0)} -70 ${(-52 * lift).toFixed(0)}L-58 ${(-42 * lift).toFixed(0)}L-56 ${(-32 * lift).toFixed(0)}L-36 ${(-20 * lift + 3).toFixed(0)}L10 6ZM4 -4C10 ${(-44 * lift - 18).toFixed(0)} 40 ${(-62 * lift - 8).toFixed(0)} 62 ${(-60 * lift).toFixed(0)}L54 ${(-46 * lift).toFixed(0)}L44 ${(-30 * lift + 2).toFixed(0)}L16 6Z"/>`;
  };
  const flock = (count: number, low: number, high: number): string =>
    times(count, () =>
      crow(
        WIDTH / 2 + brush.bell() * 400,
        330 + brush.bell() * 190,
        brush.between(low, high),
        brush.between(-40, 40),
      ),
    );
  return (
    sky(brush, [
      [0, hsl(hue, 12, light * 0.5)],
      [1, hsl(hue, 16, light + 18)],
    ]) +
    haze(brush, hue, light * 0.4, 0.8) +
    haze(brush, hue, light + 24, 0.4) +
    blurred(brush, 3, `<g fill="${hsl(hue, 8, light * 0.5)}">${flock(60, 0.25, 0.5)}</g>`) +
    blurred(brush, 1.4, `<g fill="${hsl(hue, 8, light * 0.2)}">${flock(22, 0.6, 1)}</g>`) +
    blurred(brush, 1, `<g fill="#060606">${flock(7, 1.4, 3.2)}</g>`) +
    ridge(brush, 740, 22, '#070707') +
    vignette(brush, 0.85)
  );
};

/** A wreck that burns in smoke. */
export const wreck: Art = (brush) => {
  const hue = brush.between(8, 34);
  const light = brush.between(16, 44);
  const x = brush.between(440, 760);
  const id = brush.id();
  const plume = Array.from({ length: 90 }, () => {
    const up = brush.between(0, 1);
    return [
      x + 60 + up * brush.between(120, 260) + brush.bell() * (40 + up * 130),
      560 - up * 640,
      34 + up * brush.between(40, 140),
    ] as const;
  });
  const flames = Array.from({ length: 44 }, () => {
    const up = brush.between(0, 1);
    return [x + 70 + brush.bell() * 110 * (1 - up * 0.8), 640 - up * 250, 44 * (1.1 - up)] as const;
  });
  const car = `<path d="M-300 40C-300 -20 -280 -40 -210 -52C-170 -118 -130 -150 -60 -152L70 -146C140 -140 170 -96 200 -54C270 -46 306 -20 300 40L240 66H-250Z" fill="url(#${id})"/><path d="M-176 -56C-150 -104 -120 -128 -66 -130L-20 -128V-56Z" fill="#020202"/><path d="M6 -128L66 -124C112 -118 134 -90 152 -56H6Z" fill="#020202"/>`;
  return (
    sky(brush, [
      [0, hsl(hue, 8, light)],
      [0.8, hsl(hue, 14, light + 26)],
    ]) +
    haze(brush, hue, light * 0.5, 0.8) +
    ridge(brush, 590, 26, hsl(hue, 8, light * 0.8)) +
    haze(brush, hue, light + 22, 0.5) +
    ridge(brush, 640, 10, hsl(hue, 10, light * 0.5)) +
    warped(brush, 80, [0.012, 0.012], billows(brush, plume, hsl(hue, 8, light * 0.8 + 8), hsl(hue, 10, 4))) +
    glow(brush, x + 60, 600, 300, hsl(hue, 100, 50), 0.6) +
    warped(brush, 70, [0.03, 0.014], billows(brush, flames, hsl(hue + 30, 100, 78), hsl(hue, 100, 44))) +
    `<linearGradient id="${id}" x2="0" y2="1"><stop offset="0" stop-color="${hsl(hue, 14, 30)}"/><stop offset="1" stop-color="${hsl(hue, 14, 5)}"/></linearGradient>` +
    `<g transform="translate(${x.toFixed(0)} 672) rotate(${brush.between(-7, 7).toFixed(1)})">${rough(brush, 8, [0.03, 0.03], car)}<circle cx="-180" cy="62" r="48" fill="#060606"/><circle cx="-180" cy="62" r="22" fill="#1d1a18"/><circle cx="180" cy="62" r="48" fill="#060606"/><circle cx="180" cy="62" r="22" fill="#1d1a18"/></g>` +
    times(
      120,
      () =>
        `<path transform="translate(${(x + brush.bell() * 330).toFixed(0)} ${brush.between(716, 790).toFixed(0)}) rotate(${brush.between(0, 180).toFixed(0)})" d="M-8 0L6 -5L9 4Z" fill="${hsl(hue, 10, brush.between(2, 26))}"/>`,
    ) +
    turbulence(brush, {
      frequency: [0.004, 0.007],
      octaves: 5,
      threshold: 0.52,
      gain: 3,
      colour: hsl(hue, 8, light),
      opacity: 0.7,
    }) +
    vignette(brush, 0.8)
  );
};
