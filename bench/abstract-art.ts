import { PICTURE_SQUARE } from '../models/encoders/index.ts';
import { Random } from '../models/random.ts';

/* Abstract pictures as scripts make them, by formula: what a classifier of nudity must not take for skin. */

const SIDE = PICTURE_SQUARE;

/** Red, green and blue, 0 to 1. */
type Colour = readonly [number, number, number];
/** The colour at a place, both coordinates on [0, 1). */
type Painting = (x: number, y: number) => Colour;

/** The kinds, each with the painting of a seed. */
const KINDS = { clouds, gradient, julia, lines, skin } satisfies Record<string, (random: Random) => Painting>;

type AbstractKind = keyof typeof KINDS;
export const ABSTRACT_KINDS = Object.keys(KINDS) as readonly AbstractKind[];

/** @returns sRGB bytes, row-major [260, 260, 3], as the picture encoders take them; the same for the same seed */
export function abstractPicture(kind: AbstractKind, seed: number): Uint8Array {
  const painting = KINDS[kind](Random.seeded(seed, `abstract ${kind}`));
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let row = 0, at = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++, at += 3) {
      const colour = painting(column / SIDE, row / SIDE);
      for (let c = 0; c < 3; c++) pixels[at + c] = Math.round(255 * Math.min(1, Math.max(0, colour[c]!)));
    }
  }
  return pixels;
}

/** Sums of waves, bent by others: soft shapes in all colours. */
function clouds(random: Random): Painting {
  const waves = Array.from({ length: 3 }, () =>
    Array.from({ length: 5 }, (_, octave) => ({
      x: (random.real() - 0.5) * 8 * 1.6 ** octave,
      y: (random.real() - 0.5) * 8 * 1.6 ** octave,
      phase: 2 * Math.PI * random.real(),
      weight: 0.7 ** octave,
    })),
  );
  const bend = 0.1 + 0.2 * random.real();
  return (x, y) =>
    waves.map((octaves) => {
      const bentX = x + bend * Math.sin(2 * Math.PI * y + octaves[0]!.phase);
      const sum = octaves.reduce(
        (total, wave) =>
          total + wave.weight * Math.sin(2 * Math.PI * (wave.x * bentX + wave.y * y) + wave.phase),
        0,
      );
      return 0.5 + 0.35 * sum;
    }) as unknown as Colour;
}

/** From one colour to another, straight or from a centre. */
function gradient(random: Random): Painting {
  const [from, to] = [colourOf(random), colourOf(random)];
  const angle = 2 * Math.PI * random.real();
  const centre = [random.real(), random.real()] as const;
  const isRadial = random.real() < 0.5;
  return (x, y) => {
    const part = isRadial
      ? Math.hypot(x - centre[0], y - centre[1])
      : 0.5 + (x - 0.5) * Math.cos(angle) + (y - 0.5) * Math.sin(angle);
    return mixed(from, to, Math.min(1, Math.max(0, part)));
  };
}

const MOST_STEPS = 60;

/** A Julia set of z² + c, c near the edge of the Mandelbrot set's main body, in a palette of waves. */
function julia(random: Random): Painting {
  const angle = 2 * Math.PI * random.real();
  const radius = 1.02 + 0.12 * random.real();
  const real = radius * (0.5 * Math.cos(angle) - 0.25 * Math.cos(2 * angle));
  const imaginary = radius * (0.5 * Math.sin(angle) - 0.25 * Math.sin(2 * angle));
  const phases = [random.real(), random.real(), random.real()];
  const speed = 1 + 3 * random.real();
  return (x, y) => {
    let [zx, zy] = [3 * (x - 0.5), 3 * (y - 0.5)];
    let step = 0;
    for (; step < MOST_STEPS && zx * zx + zy * zy < 16; step++) {
      [zx, zy] = [zx * zx - zy * zy + real, 2 * zx * zy + imaginary];
    }
    if (step === MOST_STEPS) return [0, 0, 0];
    const smooth = (step + 1 - Math.log2(Math.max(1, Math.log2(zx * zx + zy * zy) / 2))) / MOST_STEPS;
    return phases.map(
      (phase) => 0.5 + 0.5 * Math.cos(2 * Math.PI * (speed * smooth + phase)),
    ) as unknown as Colour;
  };
}

/** Some curved lines on a ground. */
function lines(random: Random): Painting {
  const [ground, ink] = [colourOf(random), colourOf(random)];
  const curves = Array.from({ length: 4 + random.below(8) }, () => ({
    offset: random.real(),
    height: 0.3 * random.real(),
    frequency: 1 + 5 * random.real(),
    phase: 2 * Math.PI * random.real(),
    width: 0.003 + 0.012 * random.real(),
    isUpright: random.real() < 0.5,
  }));
  return (x, y) => {
    const isInk = curves.some(({ offset, height, frequency, phase, width, isUpright }) => {
      const [along, across] = isUpright ? [y, x] : [x, y];
      return Math.abs(across - offset - height * Math.sin(2 * Math.PI * frequency * along + phase)) < width;
    });
    return isInk ? ink : ground;
  };
}

/** Colours of light to dark skin. */
const SKIN: readonly Colour[] = [
  [1, 0.86, 0.75],
  [0.88, 0.67, 0.53],
  [0.72, 0.5, 0.36],
  [0.45, 0.29, 0.2],
];

/** Noise in the colours of skin, in squares of some pixels, smoothed between them. */
function skin(random: Random): Painting {
  const tone = SKIN[random.below(SKIN.length)]!;
  const cells = 8 + random.below(90);
  const noise = Float64Array.from({ length: (cells + 1) ** 2 }, () => random.real());
  const strength = 0.08 + 0.25 * random.real();
  const at = (column: number, row: number) => noise[row * (cells + 1) + column]!;
  return (x, y) => {
    const [column, row] = [Math.floor(x * cells), Math.floor(y * cells)];
    const [right, down] = [x * cells - column, y * cells - row];
    const above = at(column, row) * (1 - right) + at(column + 1, row) * right;
    const below = at(column, row + 1) * (1 - right) + at(column + 1, row + 1) * right;
    const shade = 1 + strength * (2 * (above * (1 - down) + below * down) - 1);
    return [tone[0] * shade, tone[1] * shade, tone[2] * shade];
  };
}

function colourOf(random: Random): Colour {
  return [random.real(), random.real(), random.real()];
}

function mixed(from: Colour, to: Colour, part: number): Colour {
  return from.map((value, c) => value + (to[c]! - value) * part) as unknown as Colour;
}
