import type { PixelSize } from './picture.ts';

/** How many numbers `colourStatistics` gives. */
export const COLOUR_STATISTICS = 166;

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
/** Quantiles are taken from every third pixel of every third row: they are as steady, at a ninth of the sorting. */
const QUANTILE_STEP = 3;
const HUES = 12;
/** Levels of each of red, green and blue, of whose combinations a histogram is made. */
const LEVELS = 4;
/** Rows and columns of the layout of colours. */
const GRID = 3;
/** How often the picture is halved for its edges, counting the whole one. */
const SCALES = 4;
/** Steps of lightness above this count as edges. */
const EDGE = 0.1;
/** Keeps logarithms and skewness finite where a picture is plain. */
const TINY = 1e-4;

interface Moments {
  readonly mean: number;
  /** Biased. */
  readonly deviation: number;
}

function momentsOf(values: Float32Array): Moments {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** A plane of numbers, row by row. */
interface Plane extends PixelSize {
  readonly values: Float32Array;
}

/** Mean, deviation, skewness and quantiles (between two values, in proportion): 8 numbers. */
function distribution({ values, width, height }: Plane, { mean, deviation }: Moments): number[] {
  let cubes = 0;
  for (const value of values) cubes += (value - mean) * (value - mean) * (value - mean);
  const across = Math.ceil(width / QUANTILE_STEP);
  const sparse = new Float32Array(across * Math.ceil(height / QUANTILE_STEP));
  for (let y = 0, at = 0; y < height; y += QUANTILE_STEP) {
    for (let x = 0; x < width; x += QUANTILE_STEP) sparse[at++] = values[y * width + x]!;
  }
  sparse.sort();
  const quantiles = QUANTILES.map((q) => {
    const position = q * (sparse.length - 1);
    const below = Math.floor(position);
    const lower = sparse[below]!;
    return lower + (position - below) * (sparse[Math.min(below + 1, sparse.length - 1)]! - lower);
  });
  return [mean, deviation, cubes / values.length / (deviation ** 3 + TINY), ...quantiles];
}

/** Means of GRID × GRID tiles of one size, row by row; what is left at the right and below does not count. */
function layout({ values, width, height }: Plane): number[] {
  const [tileWidth, tileHeight] = [Math.floor(width / GRID), Math.floor(height / GRID)];
  const sums = Array.from({ length: GRID * GRID }, () => 0);
  for (let y = 0; y < tileHeight * GRID; y++) {
    for (let x = 0; x < tileWidth * GRID; x++) {
      sums[Math.floor(y / tileHeight) * GRID + Math.floor(x / tileWidth)]! += values[y * width + x]!;
    }
  }
  return sums.map((sum) => sum / (tileWidth * tileHeight));
}

/** Each value the mean of four; an odd row or column at the end is left out of both sides alike. */
function halved({ values, width, height }: Plane): Plane {
  const [across, down] = [Math.floor(width / 2), Math.floor(height / 2)];
  const half = new Float32Array(across * down);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const at = 2 * y * width + 2 * x;
      half[y * across + x] =
        (values[at]! + values[at + 1]! + values[at + width]! + values[at + width + 1]!) / 4;
    }
  }
  return { values: half, width: across, height: down };
}

/**
 * Of lightness: mean step to the right and downwards, deviation of the gradient's length, part of the pixels with an
 * edge, deviation of the Laplacian; logarithms but for the part. 5 numbers.
 */
function edges({ values, width, height }: Plane): number[] {
  let [right, down, strong] = [0, 0, 0];
  const lengths = new Float32Array((width - 1) * (height - 1));
  const curvature = new Float32Array((width - 2) * (height - 2));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const value = values[at]!;
      const dx = x + 1 < width ? values[at + 1]! - value : 0;
      const dy = y + 1 < height ? values[at + width]! - value : 0;
      right += Math.abs(dx);
      down += Math.abs(dy);
      if (x + 1 < width && y + 1 < height) {
        const length = Math.sqrt(dx * dx + dy * dy);
        lengths[y * (width - 1) + x] = length;
        if (length > EDGE) strong += 1;
        if (x > 0 && y > 0) {
          curvature[(y - 1) * (width - 2) + x - 1] =
            4 * value - values[at - width]! - values[at + width]! - values[at - 1]! - values[at + 1]!;
        }
      }
    }
  }
  return [
    Math.log(right / (height * (width - 1)) + TINY),
    Math.log(down / ((height - 1) * width) + TINY),
    Math.log(momentsOf(lengths).deviation + TINY),
    strong / lengths.length,
    Math.log(momentsOf(curvature).deviation + TINY),
  ];
}

/** Whether the middle one of three lies in the upper half between the others, whose sum is given. */
function secondHalf(middle: number, others: number): number {
  return 2 * middle >= others ? 1 : 0;
}

/**
 * Which of HUES bins a colour's hue lies in, from red over yellow, green and blue, each bin with its lower bound. All
 * bounds, multiples of 30°, are where two of the three are equal or one is the mean of the others, so whole numbers
 * tell exactly, where an angle would be decided by its rounding: such colours are common. 0 for greys.
 */
function hueBin(red: number, green: number, blue: number): number {
  if (red > green && green >= blue) return secondHalf(green, red + blue);
  if (green >= red && red > blue) return 2 + secondHalf(-red, -green - blue);
  if (green > blue && blue >= red) return 4 + secondHalf(blue, green + red);
  if (blue >= green && green > red) return 6 + secondHalf(-green, -blue - red);
  if (blue > red && red >= green) return 8 + secondHalf(red, blue + green);
  return red >= blue && blue > green ? 10 + secondHalf(-blue, -red - green) : 0;
}

interface ColourPlanes {
  /** 0.299 R + 0.587 G + 0.114 B */
  readonly lightness: Plane;
  /** R − G */
  readonly redGreen: Plane;
  /** (R + G) / 2 − B */
  readonly yellowBlue: Plane;
  /** (max − min) / max of the three, 0 for black */
  readonly saturation: Plane;
  /** max of the three */
  readonly value: Plane;
  /** Square roots of the shares of each hue, weighted by saturation · value. */
  readonly hues: readonly number[];
  /** Square roots of the shares of each cell of the colour cube, red slowest. */
  readonly cells: readonly number[];
  /** Mean place on the hue's plane: red at (1, 0), green at 120°. */
  readonly hueCentre: readonly [number, number];
}

function level(byte: number): number {
  return Math.min(LEVELS - 1, Math.floor((byte * LEVELS) / 255));
}

function separate(pixels: Uint8Array, { width, height }: PixelSize): ColourPlanes {
  const count = width * height;
  const plane = (): Plane => ({ width, height, values: new Float32Array(count) });
  const [lightness, redGreen, yellowBlue, saturation, value] = [plane(), plane(), plane(), plane(), plane()];
  const hues = Array.from({ length: HUES }, () => 0);
  const cells = Array.from({ length: LEVELS ** 3 }, () => 0);
  let [alphas, betas] = [0, 0];
  for (let i = 0; i < count; i++) {
    const r = pixels[3 * i]!;
    const g = pixels[3 * i + 1]!;
    const b = pixels[3 * i + 2]!;
    const red = r / 255;
    const green = g / 255;
    const blue = b / 255;
    const largest = Math.max(red, green, blue);
    const share = (largest - Math.min(red, green, blue)) / (largest + 1e-6);
    lightness.values[i] = 0.299 * red + 0.587 * green + 0.114 * blue;
    redGreen.values[i] = red - green;
    yellowBlue.values[i] = (red + green) / 2 - blue;
    saturation.values[i] = share;
    value.values[i] = largest;
    alphas += red - (green + blue) / 2;
    betas += green - blue;
    hues[hueBin(r, g, b)]! += share * largest;
    cells[(level(r) * LEVELS + level(g)) * LEVELS + level(b)]! += 1;
  }
  const roots = (sums: number[]): number[] => sums.map((sum) => Math.sqrt(sum / count));
  const hueCentre = [alphas / count, (Math.sqrt(3) / 2) * (betas / count)] as const;
  return { lightness, redGreen, yellowBlue, saturation, value, hues: roots(hues), cells: roots(cells), hueCentre }; // prettier-ignore
}

/**
 * What a picture's colours and edges tell of its mood without any network. In this order:
 * - of lightness, red−green, yellow−blue, saturation and value: mean, deviation, skewness and the 5, 25, 50, 75 and
 *   95 % quantiles (40 numbers);
 * - colourfulness (Hasler and Süsstrunk, "Measuring colourfulness in natural images", eq. 3, on [0, 1]) and the mean
 *   place on the hue's plane (3);
 * - square roots of a histogram of 12 hues, weighted by chroma, and of 4 × 4 × 4 colours (12, 64);
 * - means of 3 × 3 tiles of lightness, red−green and yellow−blue (27);
 * - edges of lightness at the whole size and halved once, twice and three times (4 × 5).
 * @param pixels sRGB, row-major [height, width, 3]
 * @param size at least 24 pixels on each side
 */
export function colourStatistics(pixels: Uint8Array, size: PixelSize): Float32Array {
  const planes = separate(pixels, size);
  const { lightness, redGreen, yellowBlue, saturation, value } = planes;
  const channels = [lightness, redGreen, yellowBlue, saturation, value];
  const moments = channels.map(({ values }) => momentsOf(values));
  const [, rg, yb] = moments as [Moments, Moments, Moments];
  const colourfulness = Math.hypot(rg.deviation, yb.deviation) + 0.3 * Math.hypot(rg.mean, yb.mean);
  const pyramid = [lightness];
  while (pyramid.length < SCALES) pyramid.push(halved(pyramid.at(-1)!));
  return Float32Array.from([
    ...channels.flatMap((channel, i) => distribution(channel, moments[i]!)),
    colourfulness,
    ...planes.hueCentre,
    ...planes.hues,
    ...planes.cells,
    ...[lightness, redGreen, yellowBlue].flatMap(layout),
    ...pyramid.flatMap(edges),
  ]);
}
