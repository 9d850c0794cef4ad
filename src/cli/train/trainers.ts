import { SYSTEM_NAMES } from '../../../models/networks/index.ts';
import { train } from '../../../models/training/end-to-end/index.ts';

/** Trains a model into a folder; see `train` for what it must hold to. */
export type Trainer = typeof train;

/** What `train --system` can be asked for. A system that is trained in another way has a function of its own here. */
export const TRAINERS: ReadonlyMap<string, Trainer> = new Map(SYSTEM_NAMES.map((name) => [name, train]));
