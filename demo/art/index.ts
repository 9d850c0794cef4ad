import * as dark from './dark.ts';
import * as feast from './feast.ts';
import * as form from './form.ts';
import * as land from './land.ts';
import * as night from './night.ts';
import * as water from './water.ts';
import type { Art } from './brush.ts';

export { Brush, HEIGHT, WIDTH } from './brush.ts';
export type { Art } from './brush.ts';

/** Every kind of picture by its name. */
export const ARTS: Readonly<Record<string, Art>> = {
  ...dark,
  ...feast,
  ...form,
  ...land,
  ...night,
  ...water,
};
