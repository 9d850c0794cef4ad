import { constants, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import {
  ARCHITECTURE,
  WEIGHTS_FILE,
  architectureOf,
  encodeParts,
  readParts,
  moodOfEmbedding,
  type Taste,
} from '../../families/on-encoders/index.ts';
import type { CdcmlModelParts } from '../../families/on-encoders/index.ts';
import { Graph } from '../../graph/index.ts';
import { fingerprintOf, type Mood } from '../../model/index.ts';
import { inferenceLayers } from '../../networks/index.ts';
import { MOODS_BY_HAND, trainedMetrics, type ModelDescription } from '../../weights/index.ts';
import { regressionMetrics } from '../index.ts';
import { learnTaste, movement } from './learn-taste.ts';
import { writeModelFolder } from './model-folder.ts';

/** More would take minutes, and suffice for training. */
const MOST_CORRECTIONS = 1000;

/** A picture whose mood a person has corrected. */
export interface HandPicture {
  /** The model's embedding of it, of length 1. */
  readonly embedding: Float32Array;
  readonly hand: Partial<Mood>;
}

export interface RefineOptions {
  /** Folder of the model to refine. */
  readonly folder: string;
  readonly description: ModelDescription;
  readonly engine: Engine;
  readonly pictures: readonly HandPicture[];
  /** For model.json: the origin of the corrections. */
  readonly name: string;
  /** Most average movement of the pictures of the reference. */
  readonly bound: number;
  readonly out: string;
  /** ISO 8601. */
  readonly date: string;
}

/** Errors and movements are of valence and arousal, on [0, 1]. */
export interface Refinement {
  readonly taste: Taste;
  /** The base model, without any taste. */
  readonly base: string;
  readonly corrections: {
    readonly count: number;
    /** Mean distance of the base's predictions from the person's moods. */
    readonly errorBefore: number;
    /** The same with, for each picture, a taste learnt from the others. */
    readonly errorAfter: number;
  };
  /** Rated pictures of the base's training data that don't resemble corrected ones, each predicted from all others. */
  readonly reference: {
    /** The base was trained on them: compare R² before and after to see the effect of a taste. */
    readonly inSample: true;
    readonly count: number;
    /** Mean movement, the larger one of valence and arousal. */
    readonly moved: number;
    readonly isBeyondBound: boolean;
    readonly r2Before: Mood;
    readonly r2After: Mood;
  };
}

/**
 * Learns a person's taste from corrected pictures and writes a new model: the base with the taste on top of its moods
 * of pictures. Embeddings, similarities and music stay unchanged. A refined model is refined again from its base, with
 * these corrections alone.
 *
 * @throws SynestheteError USAGE (no corrections, too many, a model of another family), BAD_MODEL, BAD_WEIGHTS, ENGINE_FAILED, WRITE_FAILED
 */
export async function refineModel(options: RefineOptions): Promise<Refinement> {
  const { folder, description, engine, pictures, bound } = options;
  if (description.architecture.name !== ARCHITECTURE) {
    throw new SynestheteError(
      'USAGE',
      `${join(folder, 'model.json')} is a ${description.architecture.name}; only models of moods on frozen encoders can be refined`,
      { remedy: { kind: 'train-on-encoders' } },
    );
  }
  if (pictures.length === 0 || pictures.length > MOST_CORRECTIONS) {
    throw new SynestheteError(
      'USAGE',
      pictures.length === 0
        ? 'there is no picture with a mood set by a person to learn from'
        : `${pictures.length} pictures have moods set by a person, more than ${MOST_CORRECTIONS}: train with them as a manifest`,
    );
  }
  const { refined, ...parts } = { ...(await readParts(folder, description)), taste: undefined };
  const base = refined?.base ?? fingerprintOf(description);
  const size = parts.settings.embedding;
  const { reference } = parts;
  if (reference === undefined) {
    throw new SynestheteError(
      'USAGE',
      `${join(folder, 'model.json')} has no reference pictures, which a taste needs: train or refit it again with this version`,
    );
  }
  const embeddings = new Float32Array(pictures.length * size);
  pictures.forEach(({ embedding }, i) => {
    embeddings.set(embedding, i * size);
  });
  const predictions = await moodsOf(engine, parts, embeddings);
  const corrections = pictures.map(({ embedding, hand }, i) => ({
    embedding,
    hand,
    prediction: { valence: predictions[2 * i]!, arousal: predictions[2 * i + 1]! },
  }));
  const fit = learnTaste(corrections, reference, size, bound);
  const held = fit.reference;
  const count = held.ratings.length / 2;
  const moods = count === 0 ? new Float32Array() : await moodsOf(engine, parts, held.embeddings);
  const r2 = (moves?: Float32Array): Mood => {
    const of = (axis: number): number => {
      const rows = Array.from({ length: count }, (_unused, i) => 2 * i + axis);
      const read = rows.map((i) => moods[i]! + (moves?.[i] ?? 0));
      return regressionMetrics(
        read,
        rows.map((i) => held.ratings[i]!),
        0.5,
      ).r2;
    };
    return { valence: of(0), arousal: of(1) };
  };
  const wanted = corrections.flatMap(({ hand, prediction }) => [
    (hand.valence ?? prediction.valence) - prediction.valence,
    (hand.arousal ?? prediction.arousal) - prediction.arousal,
  ]);
  const meanDistance = (from: (i: number) => number): number =>
    corrections.reduce((sum, _unused, i) => sum + Math.hypot(from(2 * i), from(2 * i + 1)), 0) /
    corrections.length;
  const moved = movement(fit.moves);
  const found: Refinement = {
    taste: fit.taste,
    base,
    corrections: {
      count: pictures.length,
      errorBefore: meanDistance((i) => wanted[i]!),
      errorAfter: meanDistance((i) => wanted[i]! - fit.corrections[i]!),
    },
    reference: {
      inSample: true,
      count,
      moved,
      isBeyondBound: moved > bound,
      r2Before: r2(),
      r2After: r2(fit.moves),
    },
  };
  await write(
    { ...parts, taste: fit.taste, refined: { base, corrections: pictures.length } },
    found,
    options,
  );
  return found;
}

/**
 * Moods that a refined model's base predicts from embeddings row-major [count, size]: row-major [count, 2].
 * @throws SynestheteError BAD_MODEL, BAD_WEIGHTS, ENGINE_FAILED
 */
export async function moodsWithoutTaste(
  { folder, description, engine }: Pick<RefineOptions, 'folder' | 'description' | 'engine'>,
  embeddings: Float32Array,
): Promise<Float32Array> {
  return moodsOf(engine, await readParts(folder, description), embeddings);
}

/** The base's moods for embeddings, row-major [count, 2]. */
async function moodsOf(
  engine: Engine,
  parts: Pick<CdcmlModelParts, 'settings' | 'weights'>,
  embeddings: Float32Array,
): Promise<Float32Array> {
  const shape = [embeddings.length / parts.settings.embedding, parts.settings.embedding];
  const graph = new Graph('moods');
  const embedding = graph.input('embedding', shape);
  graph.output('mood', moodOfEmbedding(inferenceLayers(graph, parts.weights), embedding, parts.settings));
  const session = await engine.load(graph);
  try {
    const { mood } = await session.run({ embedding: { dtype: 'float32', shape, data: embeddings } });
    return mood!.data as Float32Array;
  } finally {
    await session.close();
  }
}

/** Files beside the weights are not read into memory: a user's encoder may have gigabytes. */
async function write(
  parts: CdcmlModelParts,
  { corrections, reference, base }: Refinement,
  { folder, description, name, out, date }: RefineOptions,
): Promise<void> {
  const others = description.weights.filter(({ file }) => file !== WEIGHTS_FILE);
  const { data, metrics } = description;
  const taste = JSON.parse(JSON.stringify({ base, corrections, reference })) as Metric;
  await writeModelFolder(
    out,
    encodeParts(parts),
    {
      ...description,
      date,
      architecture: architectureOf(parts),
      data: [
        ...data.filter(({ terms }) => terms !== MOODS_BY_HAND),
        {
          name,
          terms: MOODS_BY_HAND,
          kind: 'image',
          files: corrections.count,
          labels: 'ratings',
          splits: [],
        },
      ],
      // All of them are the base's, except for the taste's own.
      metrics: { base: trainedMetrics(metrics), taste },
    },
    others.map(({ file, sha256 }) => ({
      ...{ file, sha256 },
      write: (path) => copyFile(join(folder, file), path, constants.COPYFILE_FICLONE),
    })),
  );
}

type Metric = ModelDescription['metrics'][string];
