import { z } from 'zod';
import { SynestheteError } from '../../errors.ts';
import {
  BACKBONE_SIDES,
  FEATURE_NORMALISATIONS,
  IMAGE_BACKBONES,
  SYSTEM_NAMES,
} from '../../networks/index.ts';
import type { SystemName, SystemSettings } from '../../networks/index.ts';
import { readWhole } from '../../read-file.ts';
import { LOSS_TERMS } from '../losses/index.ts';
import type { LossTerm } from '../losses/index.ts';

const positive = z.number().positive();
const count = z.int().positive();
const factor = z.number().nonnegative();
const hidden = z.array(count).min(1);

/**
 * Everything that a training's result depends on besides the data and the engine. Defaults are the paper's where
 * docs/method.md gives them; the others are our choice.
 */
const schema = z.strictObject({
  system: z.enum(SYSTEM_NAMES).default('cdcml'),
  /** By default all of the system's own: CDCML all five, SP-Net va, L3-Net and ACP-Net sim. */
  terms: z.array(z.enum(LOSS_TERMS)).min(1).optional(),
  /** Factors of the terms in (8); by default OWN_WEIGHTS of the system. */
  weights: z
    .strictObject({
      sim: factor.optional(),
      va: factor.optional(),
      cfr: factor.optional(),
      cfm: factor.optional(),
      sfr: factor.optional(),
    })
    .prefault({}),
  /** Which of the two interpretations of (2). */
  ratio: z.enum(['similarity', 'distance']).default('similarity'),
  /** δ of (3), a squared distance of embeddings: at unit length they lie between 0 and 4. */
  margin: z.number().nonnegative().default(0.5),
  /** Whether embeddings have unit length; by default only in CDCML. */
  unitLength: z.boolean().optional(),
  pairs: z.enum(['dense', 'sampled']).default('dense'),
  imageBackbone: z.enum(IMAGE_BACKBONES).default('resnet50'),
  /** Whether the picture backbone is frozen. */
  frozen: z.boolean().default(false),
  /** Side of the square that pictures are squashed to; by default the backbone's own. */
  imageSize: z.int().min(32).optional(),
  normalisation: z.enum(FEATURE_NORMALISATIONS).default('log-mel'),
  embedding: count.default(512),
  /** Channels after the stem of a ResNet and in the first block of L3-Net. */
  width: count.default(64),
  similarityHidden: hidden.default([256, 128]),
  moodHidden: hidden.default([256, 128]),
  dropout: z.number().min(0).lt(1).default(0.5),
  optimiser: z.enum(['sgd', 'adamw']).default('sgd'),
  learningRate: positive.default(1e-3),
  /** The learning rate is multiplied by `decayBy` every `decayEpochs` epochs. */
  decayEpochs: count.default(10),
  decayBy: positive.max(1).default(0.1),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().nonnegative().default(1e-4),
  /** Pictures, and clips, of a step. */
  batch: count.default(128),
  /**
   * Pictures, and clips, that go through the backbones at once, which determines the memory; the losses and the heads
   * take the whole batch (see `networkStep`). Only batch normalisation inside the backbones is over a micro-batch.
   */
  microBatch: z.int().min(4).default(32),
  epochs: count.default(30),
  /** Epochs without a better validation after which training ends. */
  patience: count.default(10),
  seed: z.int().default(1),
  /** Whether pictures and clips are varied in training. */
  augment: z.boolean().default(true),
  /** Varied versions of each picture besides the picture itself, with a frozen backbone. */
  imageVariants: z.int().nonnegative().default(3),
  /** Clips from random places of each stretch, besides the consecutive ones. */
  clipVariants: z.int().nonnegative().default(3),
});

export type TrainingSettings = Omit<
  z.output<typeof schema>,
  'terms' | 'weights' | 'unitLength' | 'imageSize'
> & {
  readonly terms: readonly LossTerm[];
  readonly weights: Readonly<Record<LossTerm, number>>;
  readonly unitLength: boolean;
  readonly imageSize: number;
};

const OWN_TERMS: Readonly<Record<SystemName, readonly LossTerm[]>> = {
  cdcml: LOSS_TERMS,
  'sp-net': ['va'],
  'l3-net': ['sim'],
  'acp-net': ['sim'],
};

type Weights = Readonly<Record<LossTerm, number>>;

const EQUAL_WEIGHTS: Weights = { sim: 1, va: 1, cfr: 1, cfm: 1, sfr: 1 };

/**
 * CDCML's weights bring its terms to one order of magnitude on embeddings of unit length (docs/method.md); the rivals
 * have only one term.
 */
const OWN_WEIGHTS: Readonly<Record<SystemName, Weights>> = {
  cdcml: { sim: 3, va: 10, cfr: 0.3, cfm: 0.3, sfr: 0.3 },
  'sp-net': EQUAL_WEIGHTS,
  'l3-net': EQUAL_WEIGHTS,
  'acp-net': EQUAL_WEIGHTS,
};

/** An anchor needs two others to form a ratio: two of the other modality, or beside itself two of its own. */
const LEAST_BATCHES: readonly (readonly [LossTerm, number])[] = [
  ['cfr', 2],
  ['sfr', 3],
];

/**
 * Checks settings and fills in defaults.
 * @throws SynestheteError USAGE naming the first setting that is unknown, out of its range, or contradicts another
 */
export function completeSettings(given: Readonly<Record<string, unknown>>): TrainingSettings {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const name = issue.path.join('.');
    const what =
      issue.code === 'unrecognized_keys'
        ? `there is no setting ${issue.keys.map((key) => `"${name === '' ? key : `${name}.${key}`}"`).join(', ')}; known are ${Object.keys(schema.shape).join(', ')}`
        : `${name}: ${issue.message}`;
    throw new SynestheteError('USAGE', `settings of the training: ${what}`);
  }
  const { system, batch, microBatch, frozen, imageBackbone, embedding, width, unitLength } = parsed.data;
  const own = OWN_TERMS[system];
  const terms = LOSS_TERMS.filter((term) => (parsed.data.terms ?? own).includes(term));
  const refuse = (problem: string): never => {
    throw new SynestheteError('USAGE', `settings of the training: ${problem}`);
  };
  const foreign = terms.find((term) => !own.includes(term));
  if (foreign !== undefined) refuse(`${system} has no term ${foreign}; its terms are ${own.join(', ')}`);
  for (const [term, least] of LEAST_BATCHES) {
    if (terms.includes(term) && batch < least)
      refuse(`the term ${term} compares items of a batch: batch ${batch} must be at least ${least}`);
  }
  if (batch % microBatch !== 0 && batch > microBatch)
    refuse(`microBatch ${microBatch} does not divide batch ${batch}; choose one that does`);
  if (unitLength === true && system !== 'cdcml')
    refuse(`${system} compares no embeddings, so theirs have no unit length: leave unitLength out`);
  if (system === 'l3-net' && embedding !== 8 * width)
    refuse(
      `an embedding of l3-net has 8 × width numbers: set embedding to ${8 * width} or width to ${embedding / 8}`,
    );
  if (system === 'l3-net' && frozen) refuse('l3-net has no picture backbone that could be frozen');
  const isFrozen = system === 'acp-net' ? true : frozen;
  const side = system === 'l3-net' ? 224 : BACKBONE_SIDES[imageBackbone];
  return {
    ...parsed.data,
    terms,
    weights: weightsOf(system, parsed.data.weights),
    unitLength: unitLength ?? system === 'cdcml',
    // ACP-Net trains no backbone: the whole batch goes through at once.
    microBatch: system === 'acp-net' ? batch : Math.min(microBatch, batch),
    frozen: isFrozen,
    imageSize: parsed.data.imageSize ?? side,
  };
}

function weightsOf(
  system: SystemName,
  given: Readonly<Partial<Record<LossTerm, number | undefined>>>,
): Weights {
  const own = OWN_WEIGHTS[system];
  const weightOf = (term: LossTerm): number => given[term] ?? own[term];
  return {
    sim: weightOf('sim'),
    va: weightOf('va'),
    cfr: weightOf('cfr'),
    cfm: weightOf('cfm'),
    sfr: weightOf('sfr'),
  };
}

/**
 * Reads settings from a JSON file, unchecked.
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, USAGE when it is no JSON object
 */
export async function readSettings(path: string): Promise<Record<string, unknown>> {
  const text = (await readWhole(path)).toString('utf8');
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
  } catch {
    // Reported below, like any other content that is no object.
  }
  throw new SynestheteError('USAGE', `${path} is no JSON object of settings`, {
    remedy: { kind: 'list-settings' },
  });
}

/** The shapes that follow from the settings. @param imageFeatures numbers in the frozen backbone's features */
export function systemSettings(settings: TrainingSettings, imageFeatures: number): SystemSettings {
  const { system, terms } = settings;
  return {
    system,
    imageBackbone: settings.imageBackbone,
    imageFrozen: settings.frozen,
    imageFeatures: settings.frozen ? imageFeatures : 0,
    imageSize: settings.imageSize,
    normalisation: settings.normalisation,
    embedding: settings.embedding,
    unitLength: settings.unitLength,
    width: settings.width,
    similarityHidden: settings.similarityHidden,
    moodHidden: settings.moodHidden,
    dropout: settings.dropout,
    predictsSimilarity: terms.includes('sim'),
    moods: system === 'sp-net' ? 'apart' : terms.includes('va') ? 'shared' : 'afterwards',
  };
}
