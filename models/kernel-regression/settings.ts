import { z } from 'zod';
import { MIXED_LAYERS } from '../networks/index.ts';

const positive = z.number().positive();
const point = z.strictObject({ valence: z.number(), arousal: z.number() });

const categoriesSchema = z.strictObject({
  /**
   * Where on the plane each category stands. A file of a category is given a point between the mean of all ratings and
   * the category's own: mean + trust · (centre − mean).
   */
  centres: z.record(z.string(), point),
  trust: point,
  /** What a file of a category weighs beside a rated one, which weighs 1. */
  weight: positive,
});

const regressionSchema = {
  /** In standard deviations: what is further off counts as this, so that one odd number sets nothing apart. */
  limit: positive,
  /** Principal components that are kept of the statistics. */
  components: z.int().positive(),
  /** γ of the kernel exp(−γ d²), where the mean of d² over the training data is 1. */
  gamma: positive,
  /** λ: what is added to the kernel matrix's diagonal, divided by the row's weight. */
  ridge: positive,
  categories: categoriesSchema,
};

export const kernelSettingsSchema = z.strictObject({
  picture: z.strictObject({
    ...regressionSchema,
    /** Layers of the Inception trunk whose means and deviations are taken. */
    layers: z.array(z.enum(MIXED_LAYERS)).min(1),
    /** Each rated picture is learnt once more as the web would hand it on: small, and JPEG. */
    degraded: z.strictObject({
      side: z.int().positive(),
      jpegQuality: z.int().min(1).max(100),
      weight: positive,
    }),
  }),
  music: z.strictObject({
    ...regressionSchema,
    /** Weights of the blocks of `CLIP_BLOCKS`. */
    blockWeights: z.strictObject({
      levels: positive,
      changes: positive,
      rhythm: positive,
      key: positive,
      quantiles: positive,
      harmony: positive,
      intervals: positive,
    }),
    /** Distance between the starts of the clips that are learnt; only every 2 s are those that figures are made of. */
    hopSeconds: z.union([z.literal(1), z.literal(2)]),
  }),
  similarity: z.strictObject({
    /** The variance of the readings' errors is multiplied by this before similarity is averaged over it. */
    varianceFactor: positive,
  }),
});

export type KernelSettings = z.infer<typeof kernelSettingsSchema>;
export type CategorySettings = z.infer<typeof categoriesSchema>;

/**
 * The settings of the default model. The class centres are read off the circumplex of emotions (Russell 1980), not
 * fitted; everything else was chosen out of fold on OASIS, FI, Grekow's excerpts and 4Q (folds by theme and by song).
 * The model card has the table of what was tried.
 */
export const DEFAULT_KERNEL_SETTINGS: KernelSettings = {
  picture: {
    layers: ['mixed5', 'mixed7', 'mixed9'],
    limit: 10,
    components: 512,
    gamma: 0.4,
    ridge: 0.1,
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
      trust: { valence: 0.7, arousal: 0.5 },
      weight: 0.2,
    },
    degraded: { side: 224, jpegQuality: 75, weight: 0.25 },
  },
  music: {
    limit: 5,
    components: 256,
    gamma: 1,
    ridge: 0.2,
    categories: {
      // The quadrants of 4Q (Panda et al. 2018): the corners of the plane.
      centres: {
        Q1: { valence: 1, arousal: 1 },
        Q2: { valence: 0, arousal: 1 },
        Q3: { valence: 0, arousal: 0 },
        Q4: { valence: 1, arousal: 0 },
      },
      trust: { valence: 0.6, arousal: 0.6 },
      weight: 0.2,
    },
    blockWeights: { levels: 1, changes: 1, rhythm: 0.5, key: 1, quantiles: 1, harmony: 0.5, intervals: 0.2 },
    hopSeconds: 1,
  },
  similarity: { varianceFactor: 1.15 },
};
