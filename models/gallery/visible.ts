/** A picture whose longest side is shorter is an icon or a spacer. */
const LEAST_SIDE = 64;
/** A picture that is longer, as times its other side, leaves nearly all of a screen empty. */
const MOST_LENGTH = 20;
/** Least deviation of colours, of 255: below it a picture is one colour, up to the noise of its coding. */
const LEAST_DEVIATION = 1.5;

interface Looks {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Of the colour that varies most, 0..127.5; −1 where it was not measured. */
  readonly deviation: number;
}

/**
 * Why there is nothing to see in a picture.
 * @returns undefined when there is something
 */
export function nothingToSee({ width, height, deviation }: Looks): string | undefined {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const size = `${width}×${height} pixels`;
  if (long < LEAST_SIDE) return `${size} are too few to be seen`;
  if (long > MOST_LENGTH * short) return `${size} are too long for any screen: cut it into parts`;
  if (deviation >= 0 && deviation < LEAST_DEVIATION) return 'it is all of one colour';
  return undefined;
}

/**
 * The standard deviation of the colour that varies most.
 * @param pixels [height, width, 3], 0..255
 */
export function colourDeviation(pixels: Uint8Array): number {
  const count = pixels.length / 3;
  const deviations = [0, 1, 2].map((channel) => {
    let sum = 0;
    let squares = 0;
    for (let i = channel; i < pixels.length; i += 3) {
      sum += pixels[i]!;
      squares += pixels[i]! ** 2;
    }
    return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
  });
  return Math.max(...deviations);
}
