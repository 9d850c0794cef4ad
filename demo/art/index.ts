import * as beasts from './beasts.ts';
import * as dark from './dark.ts';
import * as decay from './decay.ts';
import * as dread from './dread.ts';
import * as fair from './fair.ts';
import * as feast from './feast.ts';
import * as form from './form.ts';
import * as garden from './garden.ts';
import * as land from './land.ts';
import * as menace from './menace.ts';
import * as night from './night.ts';
import * as thrill from './thrill.ts';
import * as water from './water.ts';
import type { Art } from './brush.ts';

export { Brush, HEIGHT, WIDTH } from './brush.ts';
export type { Art } from './brush.ts';

/** Every kind of picture by its name. */
export const ARTS: Readonly<Record<string, Art>> = {
  ...beasts,
  ...dark,
  ...decay,
  ...dread,
  ...fair,
  ...feast,
  ...form,
  ...garden,
  ...land,
  ...menace,
  ...night,
  ...thrill,
  ...water,
};
