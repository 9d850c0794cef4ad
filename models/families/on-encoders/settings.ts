import { z } from 'zod';
import { CLIP_ENCODERS, PICTURE_ENCODER_NAMES, onnxEncoderSchema } from '../../encoders/index.ts';

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const count = z.int().positive();
const point = z.strictObject({ valence: z.number(), arousal: z.number() });
const factor = z.number().nonnegative();

/** Categories instead of ratings, or beside them. */
const categoriesSchema = z.strictObject({
  /** Where on the plane each category stands, before it is moved and scaled (`spread`). */
  centres: z.record(z.string(), point),
  /** Factor of the distances of the centres from their mean. */
  spread: point,
  /** Weight of a file with only a category; a rated file weighs 1. */
  weight: positive,
  /** For a file with a rating and a category: how far its target lies from the rating towards the category. */
  pull: share,
});

const sideSchema = {
  /** Features are clipped at this many standard deviations, so that one odd number does not dominate. */
  limit: positive,
  /** Principal components of the features. */
  components: count,
  /** γ of the teacher's kernel exp(−γ d²), where the mean of d² is 1. */
  gamma: positive,
  /** λ of the teacher: added to the kernel's diagonal, divided by the row's weight. */
  ridge: positive,
  /** Correlation between what the teacher learns from rated files and from files with only a category. */
  shared: share,
  /** Odds that a picture or clip resembles the rated files rather than those with only a category. */
  ratedOdds: positive,
  /** The most rows that the teacher learns from: all rated ones, filled up with others. */
  rows: count,
  categories: categoriesSchema,
};

/** Everything that the weights of CDCML on frozen encoders depend on, beside the data. */
export const cdcmlSettingsSchema = z.strictObject({
  picture: z
    .strictObject({
      ...sideSchema,
      /** The bundled ones that the model learns from. open-nsfw always runs, because it finds unsafe pictures. */
      encoders: z.array(z.enum(PICTURE_ENCODER_NAMES)),
      /** The user's own encoder, beside them or instead of them. */
      onnx: onnxEncoderSchema.optional(),
      /**
       * Varied versions of each picture with ratings of both valence and arousal: crops, mirror images, other scales
       * and JPEG qualities.
       */
      views: z.int().nonnegative(),
      /** Weight of each of them for the teacher. */
      viewWeight: positive,
    })
    .refine(({ encoders, onnx }) => onnx !== undefined || encoders.includes('open-nsfw'), {
      path: ['encoders'],
      message: 'open-nsfw must be among them: it finds unsafe pictures',
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
 * The settings of the default model; the model card says how they were chosen. The order of the eight emotions in the
 * plane comes from the circumplex (Russell 1980); their places and distances are learnt.
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
