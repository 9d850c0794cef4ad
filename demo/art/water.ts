import { HEIGHT, WIDTH, blurred, glow, hsl, line, ridge, sky, times, turbulence } from './brush.ts';
import type { Art } from './brush.ts';

/** The sun over the sea. */
export const sunset: Art = (brush) => {
  const hue = brush.between(8, 45);
  const horizon = brush.between(400, 500);
  const x = brush.between(250, WIDTH - 250);
  const y = horizon - brush.between(20, 160);
  const glints = times(260, () => {
    const depth = brush.between(0, 1) ** 1.4;
    const wide = (20 + depth * 90) * brush.between(0.4, 1);
    return `<ellipse cx="${(x + brush.bell() * (30 + depth * 190)).toFixed(0)}" cy="${(horizon + 4 + depth * (HEIGHT - horizon)).toFixed(0)}" rx="${wide.toFixed(0)}" ry="${(1 + depth * 4).toFixed(1)}" fill="${hsl(hue + 12, 100, 75, brush.between(0.2, 0.8))}"/>`;
  });
  return (
    sky(brush, [
      [0, hsl(hue + 230, 45, 38)],
      [0.3, hsl(hue - 20, 70, 60)],
      [horizon / HEIGHT, hsl(hue + 15, 98, 72)],
      [horizon / HEIGHT + 0.001, hsl(hue, 60, 45)],
      [1, hsl(hue + 220, 45, 16)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.016],
      octaves: 4,
      threshold: 0.5,
      gain: 3.2,
      colour: hsl(hue - 12, 85, 66),
      opacity: 0.7,
      height: horizon,
    }) +
    glow(brush, x, y, 420, hsl(hue + 18, 100, 76)) +
    `<circle cx="${x}" cy="${y}" r="54" fill="${hsl(48, 100, 90)}"/>` +
    `<rect y="${horizon}" width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue + 215, 50, 24, 0.35)}"/>` +
    glints
  );
};

/** A beach on a clear day. */
export const beach: Art = (brush) => {
  const horizon = brush.between(280, 340);
  const shore = brush.between(520, 600);
  const waves = times(6, (i) => {
    const y = horizon + 30 + i * ((shore - horizon) / 6);
    return blurred(brush, 1 + i * 0.4, ridge(brush, y, 4 + i * 2, hsl(188 - i * 3, 75, 46 + i * 5, 0.55)));
  });
  const palm = (x: number, y: number, size: number): string => {
    const top = [x + size * 0.25, y - size] as const;
    const leaves = times(9, (i) => {
      const angle = -2.9 + i * 0.33 + brush.bell() * 0.08;
      const reach = size * 0.55;
      return `<path d="M${top[0]} ${top[1]}q${(Math.cos(angle) * reach * 0.6).toFixed(0)} ${(Math.sin(angle) * reach * 0.8).toFixed(0)} ${(Math.cos(angle) * reach).toFixed(0)} ${(Math.sin(angle) * reach * 0.4 + reach * 0.25).toFixed(0)}" stroke="${hsl(115, 50, brush.between(20, 34))}" stroke-width="${(size / 26).toFixed(1)}" fill="none" stroke-linecap="round"/>`;
    });
    return `<path d="M${x} ${y}Q${x + size * 0.02} ${y - size * 0.6} ${top[0]} ${top[1]}" stroke="${hsl(28, 35, 28)}" stroke-width="${size / 22}" fill="none"/>${leaves}`;
  };
  return (
    sky(brush, [
      [0, hsl(208, 90, 55)],
      [horizon / HEIGHT, hsl(195, 80, 86)],
      [horizon / HEIGHT + 0.001, hsl(198, 85, 42)],
      [shore / HEIGHT, hsl(178, 70, 62)],
    ]) +
    glow(brush, brush.between(300, 1000), 90, 280, hsl(52, 100, 88)) +
    turbulence(brush, {
      frequency: [0.004, 0.012],
      octaves: 4,
      threshold: 0.54,
      gain: 3.5,
      colour: '#ffffff',
      opacity: 0.85,
      height: horizon,
    }) +
    waves +
    ridge(brush, shore + 8, 10, hsl(45, 30, 96, 0.9)) +
    ridge(brush, shore + 26, 10, hsl(brush.between(38, 46), 65, 78)) +
    palm(brush.pick([170, 1080]), HEIGHT - 60, brush.between(380, 520))
  );
};

/** Rings on still water. */
export const ripples: Art = (brush) => {
  const hue = brush.between(165, 225);
  const light = brush.between(28, 62);
  const drops = times(brush.whole(1, 4), () => {
    const x = brush.between(200, WIDTH - 200);
    const y = brush.between(250, HEIGHT - 150);
    return times(
      16,
      (i) =>
        `<ellipse cx="${x.toFixed(0)}" cy="${y.toFixed(0)}" rx="${20 + i * 30}" ry="${7 + i * 10.5}" fill="none" stroke="${hsl(hue, 45, light + 28, 0.75 - i * 0.045)}" stroke-width="${(5 - i * 0.28).toFixed(1)}"/>`,
    );
  });
  return (
    sky(brush, [
      [0, hsl(hue, 40, light + 22)],
      [1, hsl(hue + 12, 50, light - 12)],
    ]) +
    turbulence(brush, {
      frequency: [0.002, 0.02],
      octaves: 2,
      threshold: 0.5,
      gain: 2,
      colour: hsl(hue, 40, light + 32),
      opacity: 0.5,
    }) +
    blurred(brush, 1.3, drops)
  );
};

/** Light from above, seen from under water. */
export const underWater: Art = (brush) => {
  const hue = brush.between(180, 215);
  const rays = times(9, () => {
    const x = brush.between(100, WIDTH - 100);
    const lean = (x - WIDTH / 2) * brush.between(0.3, 0.9);
    const wide = brush.between(20, 90);
    return `<path d="${line([
      [x, -20],
      [x + wide, -20],
      [x + lean + wide * 3, HEIGHT],
      [x + lean - wide, HEIGHT],
    ])}Z" fill="${hsl(hue - 10, 70, 85, brush.between(0.08, 0.22))}"/>`;
  });
  const bubbles = times(
    60,
    () =>
      `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, HEIGHT).toFixed(0)}" r="${brush.between(2, 14).toFixed(1)}" fill="${hsl(hue, 60, 90, 0.18)}" stroke="${hsl(hue, 60, 95, 0.5)}"/>`,
  );
  return (
    sky(brush, [
      [0, hsl(hue - 12, 75, 68)],
      [0.5, hsl(hue, 80, 38)],
      [1, hsl(hue + 14, 85, 12)],
    ]) +
    blurred(brush, 9, rays) +
    bubbles +
    ridge(brush, 730, 40, hsl(hue + 20, 60, 8))
  );
};

/** Rain on a window in the evening. */
export const rain: Art = (brush) => {
  const hue = brush.between(200, 235);
  const light = brush.between(10, 34);
  const lamps = times(26, () =>
    glow(
      brush,
      brush.between(0, WIDTH),
      brush.between(250, HEIGHT),
      brush.between(30, 90),
      hsl(brush.pick([30, 45, 200, 210]), 40, light + 36),
      0.5,
    ),
  );
  const streaks = times(240, () => {
    const x = brush.between(0, WIDTH);
    const y = brush.between(-100, HEIGHT);
    return `<path d="M${x.toFixed(0)} ${y.toFixed(0)}l${brush.between(-10, 0).toFixed(0)} ${brush.between(40, 150).toFixed(0)}" stroke="${hsl(hue, 20, light + 45, brush.between(0.1, 0.5))}" stroke-width="${brush.between(1, 3).toFixed(1)}"/>`;
  });
  return (
    sky(brush, [
      [0, hsl(hue, 18, light + 8)],
      [1, hsl(hue, 20, light)],
    ]) +
    blurred(brush, 8, lamps) +
    blurred(brush, 0.8, streaks) +
    times(
      120,
      () =>
        `<circle cx="${brush.between(0, WIDTH).toFixed(0)}" cy="${brush.between(0, HEIGHT).toFixed(0)}" r="${brush.between(1.5, 7).toFixed(1)}" fill="${hsl(hue, 25, light + 50, 0.35)}"/>`,
    )
  );
};

/** High waves under a dark sky. */
export const roughSea: Art = (brush) => {
  const hue = brush.between(190, 225);
  return (
    sky(brush, [
      [0, hsl(hue, 22, 16)],
      [0.5, hsl(hue, 18, 42)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.009],
      octaves: 5,
      threshold: 0.42,
      gain: 3.4,
      colour: hsl(hue, 20, 11),
      opacity: 0.9,
      height: 430,
    }) +
    times(7, (i) => {
      const y = 380 + i * 62;
      return (
        ridge(brush, y - 2, 44 + i * 8, hsl(hue, 18, 74, 0.5)) +
        ridge(brush, y + 6, 44 + i * 8, hsl(hue + 5, 40, 30 - i * 3)) +
        turbulence(brush, {
          frequency: [0.02, 0.05],
          octaves: 4,
          threshold: 0.6,
          gain: 5,
          colour: '#ffffff',
          opacity: 0.4,
          top: y + 10,
          height: 60,
        })
      );
    })
  );
};
