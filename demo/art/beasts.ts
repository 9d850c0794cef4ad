import {
  HEIGHT,
  WIDTH,
  billows,
  blurred,
  glow,
  hsl,
  line,
  rough,
  sky,
  times,
  turbulence,
  vignette,
  warped,
} from './brush.ts';
import type { Art } from './brush.ts';

/** Jaws. */
export const jaws: Art = (brush) => {
  const hue = brush.between(-12, 12);
  const x = WIDTH / 2 + brush.bell() * 40;
  const open = brush.between(150, 240);
  const hide = brush.between(190, 240);
  const teeth = (side: -1 | 1): string =>
    times(17, (i) => {
      const along = (i - 8) / 8;
      const tx = x + along * 470;
      const root = HEIGHT / 2 + side * open * Math.sqrt(Math.max(0.03, 1 - along * along)) * 1.15;
      const long = (150 - Math.abs(along) * 80) * brush.between(0.7, 1.1);
      const wide = 27 * brush.between(0.8, 1.1);
      const lean = -along * 24 + brush.bell() * 6;
      const id = brush.id();
      return (
        `<linearGradient id="${id}" x2="1" y2="0.4"><stop offset="0" stop-color="${hsl(44, 30, 92)}"/><stop offset="0.6" stop-color="${hsl(40, 26, 74)}"/><stop offset="1" stop-color="${hsl(30, 30, 36)}"/></linearGradient>` +
        `<path d="M${(tx - wide).toFixed(0)} ${root.toFixed(0)}Q${(tx - wide * 0.7).toFixed(0)} ${(root - side * long * 0.6).toFixed(0)} ${(tx + lean).toFixed(0)} ${(root - side * long).toFixed(0)}Q${(tx + wide * 0.8).toFixed(0)} ${(root - side * long * 0.5).toFixed(0)} ${(tx + wide).toFixed(0)} ${root.toFixed(0)}Z" fill="url(#${id})"/>`
      );
    });
  const mouth = (grow: number, colour: string): string =>
    `<ellipse cx="${x.toFixed(0)}" cy="${HEIGHT / 2}" rx="${(500 + grow).toFixed(0)}" ry="${(open * 1.3 + grow).toFixed(0)}" fill="${colour}"/>`;
  return (
    rough(
      brush,
      20,
      [0.02, 0.03],
      `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hide, 12, 24)}"/>`,
    ) +
    warped(
      brush,
      40,
      [0.01, 0.02],
      rough(brush, 9, [0.02, 0.05], mouth(70, hsl(hue, 55, 30)) + mouth(24, hsl(hue, 62, 22))),
    ) +
    mouth(0, hsl(hue, 70, 9)) +
    blurred(
      brush,
      30,
      `<ellipse cx="${x}" cy="${HEIGHT / 2 + open * 0.75}" rx="300" ry="${open * 0.5}" fill="${hsl(hue, 62, 30)}"/>`,
    ) +
    glow(brush, x, HEIGHT / 2, 300, '#000000', 0.95) +
    blurred(brush, 1, teeth(-1) + teeth(1)) +
    vignette(brush, 0.85)
  );
};

/** A skull in smoke. */
export const skull: Art = (brush) => {
  const x = WIDTH / 2 + brush.bell() * 90;
  const hue = brush.pick([30, 0, 200, 45]);
  const light = brush.between(45, 78);
  const id = brush.id();
  const bone = `<path d="M${x} 110C${x - 270} 110 ${x - 265} 340 ${x - 225} 430C${x - 215} 480 ${x - 170} 480 ${x - 150} 510C${x - 140} 560 ${x - 140} 640 ${x - 110} 680C${x - 60} 710 ${x + 60} 710 ${x + 110} 680C${x + 140} 640 ${x + 140} 560 ${x + 150} 510C${x + 170} 480 ${x + 215} 480 ${x + 225} 430C${x + 265} 340 ${x + 270} 110 ${x} 110Z" fill="url(#${id})"/>`;
  const socket = (side: number): string =>
    `<path d="M${x + side * 50} 400C${x + side * 60} 330 ${x + side * 180} 320 ${x + side * 190} 400C${x + side * 185} 470 ${x + side * 80} 480 ${x + side * 50} 400Z" fill="#050303"/>`;
  const teeth = times(
    10,
    (i) =>
      `<path d="M${x - 95 + i * 19} 592V${668 - Math.abs(i - 4.5) * 2}" stroke="#0b0705" stroke-width="4"/>`,
  );
  return (
    sky(brush, [
      [0, hsl(hue, 20, 4)],
      [1, hsl(hue, 40, 12)],
    ]) +
    turbulence(brush, {
      frequency: [0.004, 0.006],
      octaves: 5,
      threshold: 0.45,
      gain: 3,
      colour: hsl(hue, 30, 30),
      opacity: 0.7,
    }) +
    `<radialGradient id="${id}" cx="0.35" cy="0.25" r="0.85"><stop offset="0" stop-color="${hsl(hue, 22, light + 14)}"/><stop offset="0.5" stop-color="${hsl(hue, 20, light - 16)}"/><stop offset="1" stop-color="${hsl(hue, 30, 5)}"/></radialGradient>` +
    rough(brush, 8, [0.02, 0.02], bone) +
    blurred(brush, 6, socket(-1) + socket(1)) +
    blurred(
      brush,
      3,
      `<path d="M${x} 470L${x - 40} 552Q${x - 14} 566 ${x} 548Q${x + 14} 566 ${x + 40} 552Z" fill="#060403"/>`,
    ) +
    `<path d="M${x - 112} 628Q${x} 648 ${x + 112} 628" stroke="#0b0705" stroke-width="7" fill="none"/>` +
    teeth +
    turbulence(brush, {
      frequency: [0.005, 0.009],
      octaves: 4,
      threshold: 0.5,
      gain: 3,
      colour: hsl(hue, 24, 10),
      opacity: 0.8,
      top: 420,
    }) +
    vignette(brush, 0.9)
  );
};

/** A spider that waits. */
export const spider: Art = (brush) => {
  const x = WIDTH / 2 + brush.bell() * 120;
  const y = HEIGHT / 2 + brush.bell() * 40;
  const hue = brush.pick([20, 30, 75, 210, 0]);
  const light = brush.between(12, 60);
  const size = brush.between(0.9, 1.5);
  const leg = (side: number, i: number): string => {
    const angle = [-1.0, -0.35, 0.3, 0.95][i]! + brush.bell() * 0.08;
    const knee = [
      x + side * Math.cos(angle) * 150 * size,
      y + Math.sin(angle) * 150 * size - 60 * size,
    ] as const;
    const foot = [
      x + side * Math.cos(angle) * 330 * size,
      y + Math.sin(angle) * 300 * size + 60 * size,
    ] as const;
    return `<path d="M${x} ${y}Q${knee[0].toFixed(0)} ${(knee[1] - 40 * size).toFixed(0)} ${knee[0].toFixed(0)} ${knee[1].toFixed(0)}T${foot[0].toFixed(0)} ${foot[1].toFixed(0)}"/>`;
  };
  const legs = times(4, (i) => leg(-1, i) + leg(1, i));
  const hairs = times(700, () => {
    const angle = brush.between(0, 6.2832);
    const isBack = brush.between(0, 1) < 0.7;
    const [cx, cy, r] = isBack ? [x, y + 90 * size, 92 * size] : [x, y - 20 * size, 58 * size];
    const from = r * brush.between(0.5, 1);
    return `<path d="M${(cx + Math.cos(angle) * from).toFixed(0)} ${(cy + Math.sin(angle) * from).toFixed(0)}l${(Math.cos(angle) * 24).toFixed(0)} ${(Math.sin(angle) * 24 + 6).toFixed(0)}" stroke="${hsl(hue, 40, brush.between(5, 30))}" stroke-width="2"/>`;
  });
  return (
    rough(
      brush,
      16,
      [0.01, 0.014],
      `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 25, light)}"/>`,
    ) +
    blurred(
      brush,
      16,
      `<g transform="translate(30 46)" fill="none" stroke="#000000" stroke-opacity="0.7" stroke-width="26">${legs}<ellipse cx="${x}" cy="${y + 60}" rx="80" ry="110" fill="#000000"/></g>`,
    ) +
    `<g fill="none" stroke="${hsl(hue, 30, 5)}" stroke-width="${20 * size}" stroke-linecap="round" stroke-linejoin="round">${legs}</g>` +
    `<g fill="none" stroke="${hsl(hue, 30, 16)}" stroke-width="${6 * size}" stroke-linecap="round">${legs}</g>` +
    billows(
      brush,
      [
        [x, y + 90 * size, 100 * size],
        [x, y - 20 * size, 64 * size],
      ],
      hsl(hue, 40, 22),
      hsl(hue, 40, 3),
    ) +
    hairs +
    times(
      4,
      (i) =>
        `<circle cx="${x - 24 + i * 16}" cy="${y - 58 * size}" r="7" fill="#000000"/><circle cx="${x - 26 + i * 16}" cy="${y - 58 * size - 2}" r="2" fill="#ffffff"/>`,
    ) +
    vignette(brush, 0.75)
  );
};

/** Thorns in front of a red sky. */
export const thorns: Art = (brush) => {
  const hue = brush.between(-10, 20);
  const light = brush.between(12, 42);
  const vine = (near: number): string => {
    let x = -60;
    let y = brush.between(60, HEIGHT - 60);
    let heading = brush.between(-0.4, 0.4);
    const points: (readonly [number, number])[] = [];
    let spikes = '';
    while (x < WIDTH + 60 && points.length < 90) {
      points.push([x, y]);
      heading = heading * 0.94 + brush.bell() * 0.2 - ((y - HEIGHT / 2) / HEIGHT) * 0.1;
      x += Math.cos(heading) * 24;
      y += Math.sin(heading) * 24;
      const side = brush.pick([-1, 1]);
      const long = brush.between(26, 74) * (0.5 + near);
      spikes += `<path d="M${(x - 10).toFixed(0)} ${y.toFixed(0)}L${(x + Math.sin(heading) * -side * long + 12).toFixed(0)} ${(y + Math.cos(heading) * side * long).toFixed(0)}L${(x + 10).toFixed(0)} ${y.toFixed(0)}Z"/>`;
    }
    const colour = hsl(hue, 20, 16 - near * 12);
    return `<path d="${line(points)}" fill="none" stroke="${colour}" stroke-width="${(8 + near * 18).toFixed(0)}" stroke-linejoin="round"/><g fill="${colour}">${spikes}</g>`;
  };
  return (
    sky(brush, [
      [0, hsl(hue, 75, light * 0.35)],
      [0.6, hsl(hue, 85, light)],
      [1, hsl(hue, 70, light * 0.3)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.007],
      octaves: 6,
      threshold: 0.44,
      gain: 3.4,
      colour: hsl(hue, 60, 4),
      opacity: 0.85,
    }) +
    blurred(
      brush,
      7,
      times(4, () => vine(0.1)),
    ) +
    blurred(
      brush,
      2,
      times(4, () => vine(0.5)),
    ) +
    times(3, () => vine(1)) +
    vignette(brush, 0.8)
  );
};
