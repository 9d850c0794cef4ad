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
import type { Art } from './brush.ts';

/** A fireball that rises out of black smoke. */
export const explosion: Art = (brush) => {
  const x = brush.between(480, 800);
  const hue = brush.between(12, 34);
  const gloom = brush.between(4, 30);
  const cloud = (count: number, spread: number, size: number, rise: number) =>
    Array.from({ length: count }, () => {
      const up = brush.between(0, 1);
      return [
        x + brush.bell() * spread * (0.35 + up),
        690 - up * rise + brush.bell() * 30,
        size * brush.between(0.4, 1) * (0.6 + up * 0.7),
      ] as const;
    });
  return (
    sky(brush, [
      [0, hsl(hue + 10, 14, gloom)],
      [0.85, hsl(hue + 12, 35, gloom + 22)],
    ]) +
    turbulence(brush, {
      frequency: [0.003, 0.005],
      octaves: 5,
      threshold: 0.45,
      gain: 3,
      colour: hsl(hue, 12, gloom * 0.5),
      opacity: 0.8,
    }) +
    warped(
      brush,
      90,
      [0.012, 0.012],
      billows(brush, cloud(90, 190, 120, 560), hsl(hue, 10, 34), hsl(hue, 14, 6)),
    ) +
    glow(brush, x, 600, 520, hsl(hue + 8, 100, 55), 0.8) +
    warped(
      brush,
      80,
      [0.015, 0.015],
      billows(brush, cloud(60, 120, 90, 380), hsl(hue + 20, 100, 70), hsl(hue - 8, 95, 34)),
    ) +
    warped(
      brush,
      60,
      [0.02, 0.02],
      billows(brush, cloud(26, 70, 60, 200), hsl(hue + 30, 100, 88), hsl(hue + 8, 100, 52)),
    ) +
    ridge(brush, 700, 16, hsl(hue, 20, 4)) +
    times(90, () => {
      const angle = brush.between(-3, -0.14);
      const reach = brush.between(120, 620);
      return `<circle cx="${(x + Math.cos(angle) * reach).toFixed(0)}" cy="${(660 + Math.sin(angle) * reach).toFixed(0)}" r="${brush.between(1, 4).toFixed(1)}" fill="${hsl(hue + 20, 100, 66)}"/>`;
    }) +
    vignette(brush, 0.7)
  );
};

/** A mountain that spits fire under a cloud of ash with lightning. */
export const volcano: Art = (brush) => {
  const x = brush.between(480, 800);
  const hue = brush.between(4, 22);
  const peak = brush.between(330, 420);
  const ash = Array.from({ length: 90 }, () => {
    const up = brush.between(0, 1);
    return [
      x + brush.bell() * (30 + up * 330),
      peak + 10 - up * (peak + 20),
      30 + up * brush.between(40, 130),
    ] as const;
  });
  const fountain = times(150, () => {
    const away = brush.bell() * 90;
    const up = brush.between(40, 260);
    return `<path d="M${x} ${peak + 8}Q${(x + away * 0.5).toFixed(0)} ${(peak - up).toFixed(0)} ${(x + away * 1.6).toFixed(0)} ${(peak - up * 0.4).toFixed(0)}" stroke="${hsl(hue + brush.between(0, 34), 100, brush.between(48, 76), 0.8)}" stroke-width="${brush.between(1, 4).toFixed(1)}" fill="none"/>`;
  });
  const stream = (): string => {
    let at = x + brush.bell() * 12;
    const side = brush.bell();
    const points: (readonly [number, number])[] = [];
    for (let y = peak + 6; y < HEIGHT + 20; y += 18) {
      points.push([at, y]);
      at += side * 9 + brush.bell() * 8;
    }
    return `<path d="${line(points)}" stroke-width="${brush.between(3, 11).toFixed(1)}"/>`;
  };
  const lava = times(brush.whole(4, 8), stream);
  const cone = `<path d="M${x - 40} ${peak}L${x - 620} ${HEIGHT}H${x + 620}L${x + 40} ${peak}Z" fill="${hsl(hue, 18, 16)}"/>`;
  const bolt = (): string => {
    let at = x + brush.bell() * 180;
    let y = 20;
    const points: (readonly [number, number])[] = [];
    while (y < peak - 20) {
      points.push([at, y]);
      at += brush.bell() * 24;
      y += brush.between(10, 30);
    }
    return `<path d="${line(points)}"/>`;
  };
  const bolts = times(brush.whole(0, 3), bolt);
  return (
    sky(brush, [
      [0, hsl(hue + 240, 20, 6)],
      [0.8, hsl(hue, 60, brush.between(12, 28))],
    ]) +
    warped(brush, 80, [0.012, 0.012], billows(brush, ash, hsl(hue + 4, 22, 36), hsl(hue + 250, 14, 6))) +
    glow(brush, x, peak - 30, 330, hsl(hue + 6, 100, 50), 0.85) +
    blurred(brush, 6, `<g stroke="${hsl(270, 80, 80)}" stroke-width="7" fill="none">${bolts}</g>`) +
    `<g stroke="#ffffff" stroke-width="2.6" fill="none">${bolts}</g>` +
    rough(brush, 14, [0.012, 0.02], cone) +
    blurred(brush, 9, `<g stroke="${hsl(hue + 4, 100, 45)}" fill="none">${lava}</g>`) +
    `<g stroke="${hsl(hue + 26, 100, 60)}" fill="none" stroke-linecap="round" stroke-linejoin="round">${lava}</g>` +
    blurred(brush, 7, fountain) +
    fountain +
    vignette(brush, 0.6)
  );
};

/** A street of ruins that burns. */
export const ruins: Art = (brush) => {
  const hue = brush.between(8, 30);
  const gloom = brush.between(10, 40);
  const row = (base: number, near: number): string => {
    let x = -60;
    let shapes = '';
    while (x < WIDTH) {
      const wide = brush.between(90, 210) * (0.6 + near * 0.6);
      const tall = brush.between(110, 400) * (0.5 + near * 0.6);
      const top = Array.from(
        { length: 9 },
        (_, i) => [x + (i * wide) / 8, base - tall + Math.abs(brush.bell()) * 60] as const,
      );
      shapes += `<path d="${line(top)}L${(x + wide).toFixed(0)} ${base + 300}H${x.toFixed(0)}Z" fill="${hsl(hue + 10, 12, 36 - near * 26)}"/>`;
      for (let wy = base - tall + 80; wy < base - 20; wy += 52 * (0.6 + near * 0.5)) {
        for (let wx = x + 16; wx < x + wide - 30; wx += 44 * (0.6 + near * 0.5)) {
          const burns = brush.between(0, 1) < 0.22;
          shapes += `<rect x="${wx.toFixed(0)}" y="${wy.toFixed(0)}" width="${(20 * (0.6 + near * 0.5)).toFixed(0)}" height="${(30 * (0.6 + near * 0.5)).toFixed(0)}" fill="${burns ? hsl(hue + 14, 100, 58) : '#050404'}"/>`;
        }
      }
      x += wide + brush.between(-10, 50);
    }
    return rough(brush, 7, [0.03, 0.03], shapes);
  };
  const fires = Array.from({ length: brush.whole(2, 4) }, () => brush.between(120, WIDTH - 120));
  const plume = (x: number) =>
    Array.from({ length: 40 }, () => {
      const up = brush.between(0, 1);
      return [
        x + up * 160 + brush.bell() * (20 + up * 90),
        560 - up * 600,
        24 + up * brush.between(40, 110),
      ] as const;
    });
  return (
    sky(brush, [
      [0, hsl(hue + 14, 12, gloom)],
      [0.8, hsl(hue + 6, 45, gloom + 14)],
    ]) +
    row(560, 0.1) +
    fires.map((x) => glow(brush, x, 560, 320, hsl(hue + 4, 100, 52), 0.8)).join('') +
    fires
      .map((x) =>
        warped(brush, 70, [0.012, 0.012], billows(brush, plume(x), hsl(hue, 14, 30), hsl(hue, 16, 5))),
      )
      .join('') +
    row(660, 0.6) +
    fires
      .map((x) =>
        warped(
          brush,
          70,
          [0.03, 0.012],
          billows(
            brush,
            Array.from({ length: 30 }, () => {
              const up = brush.between(0, 1);
              return [x + brush.bell() * 50 * (1 - up), 690 - up * 190, 34 * (1.1 - up)] as const;
            }),
            hsl(hue + 28, 100, 76),
            hsl(hue, 100, 45),
          ),
        ),
      )
      .join('') +
    ridge(brush, 720, 26, hsl(hue, 20, 5)) +
    turbulence(brush, {
      frequency: [0.003, 0.008],
      octaves: 5,
      threshold: 0.5,
      gain: 2.6,
      colour: hsl(hue, 14, 10),
      opacity: 0.7,
    }) +
    vignette(brush, 0.7)
  );
};

/** A funnel of wind over flat land. */
export const tornado: Art = (brush) => {
  const hue = brush.pick([90, 200, 40, 220]);
  const light = brush.between(14, 40);
  const x = brush.between(450, 830);
  const funnel = Array.from({ length: 140 }, (_, i) => {
    const up = i / 139;
    const wide = 14 + 330 * up ** 2.6;
    return [
      x + Math.sin(up * 5) * 46 + brush.bell() * wide * 0.5,
      660 - up * 600,
      16 + wide * brush.between(0.2, 0.5),
    ] as const;
  });
  return (
    sky(brush, [
      [0, hsl(hue, 16, light * 0.5)],
      [0.78, hsl(hue + 10, 28, light + 26)],
    ]) +
    turbulence(brush, {
      frequency: [0.002, 0.007],
      octaves: 6,
      threshold: 0.42,
      gain: 3.4,
      colour: hsl(hue, 14, light * 0.4),
      opacity: 0.9,
      height: 420,
    }) +
    warped(
      brush,
      60,
      [0.006, 0.03],
      billows(brush, funnel, hsl(hue, 10, light + 16), hsl(hue, 14, light * 0.35)),
    ) +
    warped(
      brush,
      50,
      [0.02, 0.02],
      billows(
        brush,
        Array.from(
          { length: 40 },
          () => [x + brush.bell() * 130, 670 + brush.bell() * 18, brush.between(10, 46)] as const,
        ),
        hsl(35, 20, light + 16),
        hsl(30, 20, light * 0.5),
      ),
    ) +
    ridge(brush, 680, 12, hsl(hue, 20, 7)) +
    times(
      60,
      () =>
        `<rect x="${(x + brush.bell() * 260).toFixed(0)}" y="${brush.between(380, 680).toFixed(0)}" width="${brush.between(3, 16).toFixed(0)}" height="${brush.between(2, 6).toFixed(0)}" transform="rotate(${brush.between(-30, 30).toFixed(0)} ${x} 560)" fill="#090808"/>`,
    ) +
    vignette(brush, 0.7)
  );
};
