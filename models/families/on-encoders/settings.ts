import { z } from 'zod';
import { CLIP_ENCODERS, PICTURE_ENCODER_NAMES, onnxEncoderSchema } from '../../encoders/index.ts';

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const count = z.int().positive();
const point = z.strictObject({ valence: z.number(), arousal: z.number() });
const factor = z.number().nonnegative();

/** Categories in place of ratings, or beside them. */
const categoriesSchema = z.strictObject({
  /** Where on the plane each category stands, before it is moved and scaled (`spread`). */
  centres: z.record(z.string(), point),
  /** What the distances of the centres from their mean are multiplied by. */
  spread: point,
  /** What a file of a category weighs beside a rated one, which weighs 1. */
  weight: positive,
  /** Of a file that is rated and has a category: how far its target lies from the rating towards the category. */
  pull: share,
});

const sideSchema = {
  /** In standard deviations: a feature that is further off counts as this, so that one odd number sets nothing apart. */
  limit: positive,
  /** Principal components of the features. */
  components: count,
  /** γ of the teacher's kernel exp(−γ d²), where the mean of d² is 1. */
  gamma: positive,
  /** λ of the teacher: added to the kernel's diagonal, divided by the row's weight. */
  ridge: positive,
  /** Correlation of what the teacher learns of rated files and of files that have only a category. */
  shared: share,
  /** How much likelier a picture or clip is to be like the rated files than like those of which only a category is known. */
  ratedOdds: positive,
  /** Rows that the teacher learns from at most: all rated ones, and of the others as many as there is room for. */
  rows: count,
  categories: categoriesSchema,
};

/** Everything that the weights of CDCML on frozen encoders depend on, beside the data. */
export const cdcmlSettingsSchema = z.strictObject({
  picture: z
    .strictObject({
      ...sideSchema,
      /** The bundled ones that are learnt from. open-nsfw always runs, since it tells which pictures are unsafe. */
      encoders: z.array(z.enum(PICTURE_ENCODER_NAMES)),
      /** An encoder of the user's own beside them, or in their place. */
      onnx: onnxEncoderSchema.optional(),
      /** Varied versions of each picture that is rated in both valence and arousal: crops, mirror images, other scales and JPEG qualities. */
      views: z.int().nonnegative(),
      /** What each of them weighs for the teacher. */
      viewWeight: positive,
    })
    .refine(({ encoders, onnx }) => onnx !== undefined || encoders.includes('open-nsfw'), {
      path: ['encoders'],
      message: 'open-nsfw must be among them: it tells which pictures are unsafe',
    }),
  music: z.strictObject({
    ...sideSchema,
    encoders: z.array(z.enum(CLIP_ENCODERS.map(({ name }) => name))).min(1),
  }),
  /** Numbers in an embedding, which has length 1. */
  embedding: count,
  moodHidden: z.array(count),
  similarityHidden: z.array(count).min(1),
  dropout: z.number().min(0).lt(1),
  /** Factors of the terms of (8). */
  weights: z.strictObject({ sim: factor, va: factor, cfr: factor, cfm: factor, sfr: factor }),
  /** δ of (3): a squared distance of embeddings, which lies between 0 and 4. */
  margin: factor,
  /** Pairs of a step. */
  batch: z.int().min(4),
  /** Steps of an epoch. */
  stepsPerEpoch: count,
  epochs: count,
  learningRate: positive,
  /** The learning rate is multiplied by `decayBy` every `decayEpochs` epochs. */
  decayEpochs: count,
  decayBy: positive.max(1),
  weightDecay: factor,
  seed: z.int(),
});

export type CdcmlSettings = z.infer<typeof cdcmlSettingsSchema>;
export type SideSettings = Pick<CdcmlSettings['picture'], keyof typeof sideSchema>;
export type CategorySettings = z.infer<typeof categoriesSchema>;

/**
 * The settings of the default model; the model card tells how they were chosen. The order of the eight emotions in
 * the plane is read off the circumplex (Russell 1980); where they lie and how far apart is learnt.
 */
export const DEFAULT_CDCML_SETTINGS: CdcmlSettings = {
  picture: {
    encoders: ['efficientnet-lite0', 'efficientnet-lite2', 'open-nsfw'],
    limit: 5,
    components: 768,
    gamma: 0.5,
    ridge: 0.1,
    shared: 0.7,
    ratedOdds: 2,
    rows: 14_000,
    views: 3,
    viewWeight: 0.15,
    categories: {
      // The eight emotions of FI (You et al. 2016), after Mikels.
      centres: {
        amusement: { valence: 0.75, arousal: 0.55 },
        awe: { valence: 0.7, arousal: 0.45 },
        contentment: { valence: 0.72, arousal: 0.28 },
        excitement: { valence: 0.72, arousal: 0.65 },
        anger: { valence: 0.25, arousal: 0.62 },
        disgust: { valence: 0.27, arousal: 0.5 },
        fear: { valence: 0.25, arousal: 0.63 },
        sadness: { valence: 0.25, arousal: 0.36 },
      },
      spread: { valence: 0.8, arousal: 0.5 },
      weight: 0.3,
      pull: 0,
    },
  },
  music: {
    encoders: ['feature-statistics', 'musicnn'],
    limit: 5,
    components: 384,
    gamma: 1,
    ridge: 0.2,
    shared: 1,
    ratedOdds: 1,
    rows: 12_000,
    categories: {
      // The quadrants of 4Q (Panda et al. 2018): the corners of the plane.
      centres: {
        Q1: { valence: 1, arousal: 1 },
        Q2: { valence: 0, arousal: 1 },
        Q3: { valence: 0, arousal: 0 },
        Q4: { valence: 1, arousal: 0 },
      },
      spread: { valence: 0.6, arousal: 0.6 },
      weight: 0.2,
      pull: 0.3,
    },
  },
  embedding: 512,
  moodHidden: [512, 256],
  similarityHidden: [256, 128],
  dropout: 0,
  // On the scale of each term at the start, with valence and arousal first.
  weights: { sim: 100, va: 300, cfr: 0.3, cfm: 0.3, sfr: 0.01 },
  margin: 0.5,
  batch: 128,
  stepsPerEpoch: 120,
  epochs: 24,
  learningRate: 1e-3,
  decayEpochs: 9,
  decayBy: 0.1,
  weightDecay: 0.05,
  seed: 1,
};
