import { PICTURE_SQUARE } from '../../../models/encoders/index.ts';

const SIDE = PICTURE_SQUARE;

function picture(value: (x: number, y: number, channel: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) =>
    value(Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE), i % 3),
  );
}

/** Waves in whole numbers, so that every language makes the same bytes. */
export function square(): Uint8Array {
  const wave = (n: number): number => Math.abs((((n % 128) + 128) % 128) - 64);
  return picture((x, y, c) => {
    const value = wave(x * (3 + c) + y) + 2 * wave(2 * y - x * c + 27) + (x > y ? 40 : 0);
    return Math.min(255, value);
  });
}

/** A large oval of the colour of skin, shaded towards its edge: open_nsfw is in two minds about it. */
export function body(): Uint8Array {
  return picture((x, y, c) => {
    const distance = 2 * (x - 130) ** 2 + (y - 130) ** 2;
    const skin = [200, 140, 110][c]! - Math.min(90, Math.floor(distance / 400));
    return distance < 30000 ? skin : 60 + Math.floor(x / 4) + 10 * c;
  });
}
