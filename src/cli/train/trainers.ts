import { SYSTEM_NAMES } from '../../../models/networks/index.ts';
import { train } from '../../../models/training/end-to-end/index.ts';

/** Trains a model into a folder; see `train` for what it must guarantee. */
export type Trainer = typeof train;

/** The systems of `train --system`. A system that is trained in another way has its own function here. */
export const TRAINERS: ReadonlyMap<string, Trainer> = new Map(SYSTEM_NAMES.map((name) => [name, train]));
