import { Random } from '../../models/random.ts';

/** Size of every picture, in pixels. */
export const WIDTH = 1280;
export const HEIGHT = 800;

/** A kind of picture: SVG of WIDTH × HEIGHT, without the outer element. The same random numbers give the same picture. */
export type Art = (brush: Brush) => string;

/** Draws numbers, colours and shapes for one picture. */
export class Brush {
  readonly #random: Random;
  #ids = 0;

  constructor(seed: number, name: string) {
    this.#random = Random.seeded(seed, name);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#random.real();
  }

  /** A whole number on [low, high]. */
  whole(low: number, high: number): number {
    return low + this.#random.below(high - low + 1);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)]!;
  }

  /** Normal with mean 0 and deviation 1 (sum of uniforms: no tails, which a picture doesn't want). */
  bell(): number {
    let sum = 0;
    for (let i = 0; i < 6; i++) sum += this.#random.real();
    return (sum - 3) * Math.SQRT2;
  }

  id(): string {
    return `i${this.#ids++}`;
  }
}

/** Hue in degrees, saturation and lightness in percent. */
export function hsl(hue: number, saturation: number, lightness: number, alpha = 1): string {
  const part = (value: number): string => Math.max(0, Math.min(100, value)).toFixed(1);
  return `hsla(${(((hue % 360) + 360) % 360).toFixed(1)},${part(saturation)}%,${part(lightness)}%,${alpha.toFixed(3)})`;
}

export function times(count: number, draw: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => draw(i)).join('');
}

/** The whole picture filled with colours from top to bottom; positions in [0, 1]. */
export function sky(brush: Brush, stops: readonly (readonly [position: number, colour: string])[]): string {
  const id = brush.id();
  const list = stops.map(([at, colour]) => `<stop offset="${at}" stop-color="${colour}"/>`).join('');
  return `<linearGradient id="${id}" x2="0" y2="1">${list}</linearGradient><rect width="${WIDTH}" height="${HEIGHT}" fill="url(#${id})"/>`;
}

/** A disc that fades from the colour in its middle to nothing at its rim. */
export function glow(
  brush: Brush,
  x: number,
  y: number,
  radius: number,
  colour: string,
  opacity = 1,
): string {
  const id = brush.id();
  return (
    `<radialGradient id="${id}"><stop offset="0" stop-color="${colour}" stop-opacity="${opacity}"/>` +
    `<stop offset="0.35" stop-color="${colour}" stop-opacity="${opacity * 0.5}"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient>` +
    `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}" fill="url(#${id})"/>`
  );
}

export function blurred(brush: Brush, deviation: number, content: string): string {
  const id = brush.id();
  return `<filter id="${id}" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="${deviation.toFixed(2)}"/></filter><g filter="url(#${id})">${content}</g>`;
}

interface Turbulence {
  /** Cycles a pixel, across and down. */
  readonly frequency: readonly [number, number];
  readonly octaves: number;
  /** Noise below this is transparent; the rest grows opaque by `gain`. */
  readonly threshold: number;
  readonly gain: number;
  readonly colour: string;
  readonly opacity?: number;
  readonly top?: number;
  readonly height?: number;
}

/** Perlin noise in one colour: clouds, mist, smoke, flames, grain. */
export function turbulence(brush: Brush, settings: Turbulence): string {
  const { frequency, octaves, threshold, gain, colour, opacity = 1, top = 0, height = HEIGHT } = settings;
  const id = brush.id();
  const seed = brush.whole(1, 9999);
  return (
    `<filter id="${id}" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="${frequency.join(' ')}" numOctaves="${octaves}" seed="${seed}" result="n"/>` +
    `<feColorMatrix in="n" type="matrix" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 ${gain} 0 0 0 ${(-gain * threshold).toFixed(3)}" result="a"/>` +
    `<feFlood flood-color="${colour}" flood-opacity="${opacity}"/><feComposite in2="a" operator="in"/></filter>` +
    `<rect y="${top}" width="${WIDTH}" height="${height}" filter="url(#${id})"/>`
  );
}

/** Shapes bent by noise: flames, plumes, torn edges. @param reach in pixels; frequency in cycles a pixel */
export function warped(
  brush: Brush,
  reach: number,
  frequency: readonly [number, number],
  content: string,
): string {
  const id = brush.id();
  return `<filter id="${id}" x="-20%" y="-20%" width="140%" height="140%"><feTurbulence type="fractalNoise" baseFrequency="${frequency.join(' ')}" numOctaves="4" seed="${brush.whole(1, 9999)}" result="n"/><feDisplacementMap in="SourceGraphic" in2="n" scale="${reach.toFixed(1)}" xChannelSelector="R" yChannelSelector="G"/></filter><g filter="url(#${id})">${content}</g>`;
}

/** Shapes whose surface is rough and lit from the upper left: rock, ash, hide. @param depth how rough, in pixels */
export function rough(
  brush: Brush,
  depth: number,
  frequency: readonly [number, number],
  content: string,
): string {
  const id = brush.id();
  return `<filter id="${id}" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="${frequency.join(' ')}" numOctaves="5" seed="${brush.whole(1, 9999)}" result="n"/><feColorMatrix in="n" type="matrix" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0" result="h"/><feDiffuseLighting in="h" surfaceScale="${depth}" lighting-color="#ffffff" result="l"><feDistantLight azimuth="225" elevation="50"/></feDiffuseLighting><feComposite in="SourceGraphic" in2="l" operator="arithmetic" k1="1.3" result="lit"/><feComposite in="lit" in2="SourceGraphic" operator="in"/></filter><g filter="url(#${id})">${content}</g>`;
}

/** Billows of smoke, fire or foam: balls lit from the upper left, the later ones in front. */
export function billows(
  brush: Brush,
  balls: readonly (readonly [x: number, y: number, radius: number])[],
  light: string,
  shade: string,
): string {
  const id = brush.id();
  return (
    `<radialGradient id="${id}" cx="0.36" cy="0.3" r="0.75"><stop offset="0" stop-color="${light}"/><stop offset="0.8" stop-color="${shade}"/><stop offset="1" stop-color="${shade}" stop-opacity="0"/></radialGradient>` +
    balls
      .map(
        ([x, y, radius]) =>
          `<circle cx="${x.toFixed(0)}" cy="${y.toFixed(0)}" r="${radius.toFixed(0)}" fill="url(#${id})"/>`,
      )
      .join('')
  );
}

/** Darkness that closes in from the corners. */
export function vignette(brush: Brush, opacity: number, reach = 0.75): string {
  const id = brush.id();
  return `<radialGradient id="${id}" r="${reach}"><stop offset="0.4" stop-opacity="0"/><stop offset="1" stop-opacity="${opacity}"/></radialGradient><rect width="${WIDTH}" height="${HEIGHT}" fill="url(#${id})"/>`;
}

/** A rough line from the left to the right edge, by midpoint displacement; closed at the bottom. */
export function ridge(brush: Brush, y: number, roughness: number, colour: string): string {
  const points = 128;
  const heights = new Float64Array(points + 1);
  heights[0] = brush.bell() * roughness;
  heights[points] = brush.bell() * roughness;
  for (let step = points, size = roughness; step > 1; step /= 2, size *= 0.55) {
    for (let i = step / 2; i < points; i += step) {
      heights[i] = (heights[i - step / 2]! + heights[i + step / 2]!) / 2 + brush.bell() * size;
    }
  }
  const line = times(
    points + 1,
    (i) => `L${((i * WIDTH) / points).toFixed(1)} ${(y + heights[i]!).toFixed(1)}`,
  );
  return `<path d="M0 ${HEIGHT}${line}L${WIDTH} ${HEIGHT}Z" fill="${colour}"/>`;
}

export function line(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}
