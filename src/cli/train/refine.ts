import { basename, resolve } from 'node:path';
import type { Engine } from '../../../models/engine/index.ts';
import { SynestheteError } from '../../../models/errors.ts';
import { openModel } from '../../../models/families/index.ts';
import { tasted } from '../../../models/families/on-encoders/index.ts';
import { indexedPictures, openGallery, type IndexedPicture } from '../../../models/gallery/index.ts';
import { type Model, type Mood } from '../../../models/model/index.ts';
import { MoodsFile } from '../../../models/moods/index.ts';
import {
  checkModelFolder,
  moodsWithoutTaste,
  refineModel,
  type HandPicture,
  type Refinement,
} from '../../../models/training/on-encoders/index.ts';
import { ownMoodsFile } from '../../built-in/index.ts';
import { openChosenEngine } from '../options/engine.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { refuseFinished } from './frozen.ts';
import type { EngineFlags } from './session.ts';

/** By how much the pictures that a model has learnt from may move on average, by default. */
const DEFAULT_BOUND = 0.02;

/** With fewer pictures that the model has learnt from, their mean movement says little about all others. */
const FEW_REFERENCE = 50;

/** A picture that moves by more than this is counted as moved. */
const MOVED = 0.05;
/** How many of those that move most are named. */
const MOST_NAMED = 10;

export interface RefineFlags extends EngineFlags {
  readonly refine: string;
  readonly model?: string;
  readonly index?: string;
  readonly bound?: number;
  readonly overwrite?: true;
  readonly out: string;
  readonly json?: true;
}

interface Movement {
  readonly file: string;
  readonly before: Mood;
  readonly after: Mood;
  readonly distance: number;
}

/** Movement of the pictures in the gallery without a mood by hand. */
interface GalleryMovement {
  readonly pictures: number;
  /** How many move by more than MOVED. */
  readonly moved: number;
  /** Mean distance in the plane. */
  readonly mean: number;
  /** Those that move most, the most first. */
  readonly most: readonly Movement[];
}

/**
 * `train --refine GALLERY`: a new model that has learnt a person's taste from the moods by hand in that gallery. It
 * runs no network: the embeddings are those of the gallery's index.
 *
 * @throws SynestheteError USAGE, those of `openGallery` and `refineModel`
 */
export async function refineCommand(flags: RefineFlags): Promise<void> {
  if (flags.overwrite !== true) await refuseFinished(flags.out, 'model.json', 'a model');
  // What can't be written fails before the training, not after it.
  await checkModelFolder(flags.out);
  const { refine: folder, bound = DEFAULT_BOUND, out } = flags;
  const engine = await openChosenEngine({ ...flags, engine: flags.engine ?? 'auto' });
  const model = await openModel(flags.model, { engine });
  try {
    if (resolve(out) === resolve(model.folder)) {
      throw new SynestheteError('USAGE', `--out ${out} is the model that is refined: name another folder`);
    }
    const { moodsFile } = await ownMoodsFile(folder);
    const gallery = await openGallery(folder, {
      model,
      ...(moodsFile !== undefined && { moods: new MoodsFile(moodsFile) }),
      ...(flags.index !== undefined && { indexFolder: flags.index }),
    });
    const { snapshot } = gallery;
    for (const line of snapshot.moodFaults) warn(line);
    const hands = new Map<string, Partial<Mood>>();
    for (let row = 0; row < snapshot.count; row++) {
      const { file, corrected } = snapshot.picture(row);
      if (corrected === undefined) continue;
      const { valence, arousal } = corrected.hand;
      hands.set(file, { ...(valence !== null && { valence }), ...(arousal !== null && { arousal }) });
    }
    if (hands.size === 0) {
      throw new SynestheteError(
        'USAGE',
        `${folder} has no moods by hand: drag pictures on the console's plane, or write ${moodsFile ?? 'moods.csv'} (file,valence,arousal)${moodsFile === undefined ? ' into it' : ''}`,
      );
    }
    const pictures: HandPicture[] = [];
    for await (const { file, embedding } of indexedPictures(folder, model, flags.index)) {
      const hand = hands.get(file);
      if (hand !== undefined) pictures.push({ embedding, hand });
    }
    const found = await refineModel({
      folder: model.folder,
      description: model.description,
      engine,
      pictures,
      name: basename(resolve(folder)),
      bound,
      out,
      date: new Date().toISOString(),
    });
    const movement = await movementOf(folder, model, engine, flags.index, hands, found);
    if (found.reference.isBeyondBound) {
      warn(
        `pictures of other kinds that the model learnt from would move by ${found.reference.moved.toFixed(3)} on average, more than --bound ${bound}: these corrections contradict each other or its data; correct more pictures of the same kind, or keep the model as it was`,
      );
    }
    if (found.reference.count < FEW_REFERENCE) {
      warn(
        `the bound is held on ${found.reference.count} pictures that the model learnt from and that are of other kinds: of fewer than ${FEW_REFERENCE} it says little of how far others move; look at the pictures that move below`,
      );
    }
    const { taste, ...rest } = found;
    await print(
      flags.json === true
        ? `${JSON.stringify({ out, width: taste.width, bound, ...rest, gallery: movement })}\n`
        : describe(found, movement, flags, bound),
    );
  } finally {
    await model.close();
  }
}

/** Pictures whose moods are computed together. */
const TOGETHER = 1024;

async function movementOf(
  folder: string,
  model: Model,
  engine: Engine,
  index: string | undefined,
  hands: ReadonlyMap<string, unknown>,
  { taste }: Refinement,
): Promise<GalleryMovement> {
  let [pictures, moved, sum] = [0, 0, 0];
  let most: Movement[] = [];
  let part: IndexedPicture[] = [];
  const flush = async (): Promise<void> => {
    if (part.length === 0) return;
    const size = part[0]!.embedding.length;
    const embeddings = new Float32Array(part.length * size);
    part.forEach(({ embedding }, i) => {
      embeddings.set(embedding, i * size);
    });
    const bases = await moodsWithoutTaste({ ...model, engine }, embeddings);
    part.forEach(({ file, prediction: before, embedding }, i) => {
      const after = tasted(taste, { valence: bases[2 * i]!, arousal: bases[2 * i + 1]! }, embedding);
      const distance = Math.hypot(after.valence - before.valence, after.arousal - before.arousal);
      pictures++;
      sum += distance;
      if (distance > MOVED) moved++;
      most.push({ file, before, after, distance });
    });
    most = farthest(most);
    part = [];
  };
  for await (const picture of indexedPictures(folder, model, index)) {
    if (hands.has(picture.file)) continue;
    part.push(picture);
    if (part.length === TOGETHER) await flush();
  }
  await flush();
  return { pictures, moved, mean: pictures === 0 ? 0 : sum / pictures, most };
}

function farthest(movements: readonly Movement[]): Movement[] {
  return movements
    .filter(({ distance }) => distance > MOVED)
    .sort((a, b) => b.distance - a.distance)
    .slice(0, MOST_NAMED);
}

function describe(
  { taste, corrections, reference }: Refinement,
  { pictures, moved, mean, most }: GalleryMovement,
  { refine: folder, out }: RefineFlags,
  bound: number,
): string {
  const place = ({ valence, arousal }: Mood): string => `${valence.toFixed(2)}, ${arousal.toFixed(2)}`;
  return [
    `${corrections.count} moods by hand in ${folder}: the model is off by ${corrections.errorBefore.toFixed(3)} on average, with the taste by ${corrections.errorAfter.toFixed(3)} (each picture predicted from the others)\n`,
    `other pictures there: ${moved} of ${pictures} move by more than ${MOVED}, all of them by ${mean.toFixed(3)} on average\n`,
    ...most.map(
      ({ file, before, after }) => `  ${file}: valence, arousal ${place(before)} → ${place(after)}\n`,
    ),
    `pictures of other kinds that the model learnt from (${reference.count}): predicted from all others they would move by ${reference.moved.toFixed(3)} on average (bound ${bound}, width ${taste.width}); R² of valence, arousal ${place(reference.r2Before)} → ${place(reference.r2After)}, in-sample: it has learnt from them\n`,
    `other figures in model.json, under "base", are of the model before: they were not measured again\n`,
    `written to ${out}; show it with: synesthete index ${folder} --model ${out}, then live with the same two\n`,
  ].join('');
}
