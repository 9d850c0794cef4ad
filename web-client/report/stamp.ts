import type { Colour } from './ramp.ts';

/** A dot's shape as the part of each pixel that it covers, so that any number of dots can be written into pixels. */
export interface Stamp {
  /** Pixels of a side. */
  readonly side: number;
  /** Row by row, 0 to 1. */
  readonly cover: Float32Array;
}

/** Sample points in a row of a pixel, which measure how much of it is covered. */
const SAMPLES = 4;

/**
 * @param shape a disc, or a triangle of the same size that stands on its base
 * @param radius in pixels of the screen
 */
export function stamp(shape: 'disc' | 'triangle', radius: number): Stamp {
  const side = 2 * Math.ceil(radius) + 1;
  const middle = side / 2;
  const isInside = (x: number, y: number): boolean =>
    shape === 'disc'
      ? x * x + y * y <= radius * radius
      : y <= radius * 0.8 && Math.abs(x) <= (0.6 * (y + radius)) / 0.9;
  const cover = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let inside = 0;
      for (let i = 0; i < SAMPLES * SAMPLES; i++) {
        const [dx, dy] = [((i % SAMPLES) + 0.5) / SAMPLES, (Math.floor(i / SAMPLES) + 0.5) / SAMPLES];
        if (isInside(x + dx - middle, y + dy - middle)) inside++;
      }
      cover[y * side + x] = inside / SAMPLES ** 2;
    }
  }
  return { side, cover };
}

/**
 * Lays a dot over opaque pixels.
 * @param x in pixels; @param y likewise
 * @param opacity 0 to 1: overlapping dots have a fuller colour
 */
export function press(
  image: ImageData,
  { side, cover }: Stamp,
  x: number,
  y: number,
  colour: Colour,
  opacity: number,
): void {
  const { data, width, height } = image;
  const red = colour[0];
  const green = colour[1];
  const blue = colour[2];
  const left = Math.round(x - side / 2);
  const top = Math.round(y - side / 2);
  const [firstRow, endRow] = [Math.max(0, -top), Math.min(side, height - top)];
  const [firstColumn, endColumn] = [Math.max(0, -left), Math.min(side, width - left)];
  for (let row = firstRow; row < endRow; row++) {
    for (let column = firstColumn; column < endColumn; column++) {
      const part = cover[row * side + column]! * opacity;
      if (part === 0) continue;
      const at = 4 * ((top + row) * width + left + column);
      data[at] = data[at]! + part * (red - data[at]!);
      data[at + 1] = data[at + 1]! + part * (green - data[at + 1]!);
      data[at + 2] = data[at + 2]! + part * (blue - data[at + 2]!);
    }
  }
}
