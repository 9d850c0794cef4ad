import type { FittedPicture } from './decode.ts';

/**
 * Background of transparent pictures that show well on it: black, like a display's stage, so that the model sees a
 * picture as the audience does.
 */
const STAGE = 0;
/** For pictures that would vanish on black, and for those that would partly vanish on black and on white. */
const WHITE = 255;
const GREY = 119;

/** Lightness L* of CIE 1976, 0..100, by sRGB value, for greys and, roughly, for luma. */
const LIGHTNESS = Float64Array.from({ length: 256 }, (_, value) => {
  const linear = value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return linear <= 216 / 24389 ? (linear * 24389) / 27 : 116 * Math.cbrt(linear) - 16;
});
/** Difference of lightness from which a colour stands out from its ground. */
const CONTRAST = 25;
/** The part of the best ground's visible share with which black is good enough. */
const GOOD_ENOUGH = 0.75;
/** A picture with less transparency, such as one with round corners, needs no ground of its own. */
const LEAST_TRANSPARENT = 0.1;

/**
 * Lays a picture on a ground that contrasts with it: on black, unless more than a quarter of what shows on white or on
 * grey would vanish there.
 * @param pixels [height, width, 4], sRGB and opacity, 0..255, not premultiplied
 * @returns [height, width, 3]
 */
export function layOnGround({ pixels, width, height }: FittedPicture): FittedPicture {
  const ground = groundOf(pixels);
  const laid = new Uint8Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) {
    const alpha = pixels[from + 3]! / 255;
    for (let c = 0; c < 3; c++) laid[to + c] = Math.round(alpha * pixels[from + c]! + (1 - alpha) * ground);
  }
  return { pixels: laid, width, height };
}

function groundOf(pixels: Uint8Array): number {
  const opacityByLuma = new Float64Array(256);
  let opacity = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const luma = Math.round(0.2126 * pixels[i]! + 0.7152 * pixels[i + 1]! + 0.0722 * pixels[i + 2]!);
    opacityByLuma[luma]! += pixels[i + 3]!;
    opacity += pixels[i + 3]!;
  }
  if (opacity / ((255 * pixels.length) / 4) > 1 - LEAST_TRANSPARENT) return STAGE;
  const visible = (ground: number): number =>
    opacityByLuma.reduce(
      (sum, of, luma) => (Math.abs(LIGHTNESS[luma]! - LIGHTNESS[ground]!) < CONTRAST ? sum : sum + of),
      0,
    );
  const [best, most] = [WHITE, GREY]
    .map((ground) => [ground, visible(ground)] as const)
    .reduce((a, b) => (b[1] > a[1] ? b : a));
  return visible(STAGE) >= GOOD_ENOUGH * most ? STAGE : best;
}
