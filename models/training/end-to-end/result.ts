import { join } from 'node:path';
import { sha256OfFile } from '../../checksum.ts';
import type { Mood } from '../../model/index.ts';
import { BACKBONE_PREFIX } from '../../networks/index.ts';
import type { SystemSettings } from '../../networks/index.ts';
import type { PlanePoints } from '../../plane.ts';
import { spreadOf } from '../../ranking/index.ts';
import { writeModelDescription, writeSafetensors } from '../../weights/index.ts';
import type { NewModelDescription, Tensor } from '../../weights/index.ts';
import type { FrozenBackbone } from './backbone.ts';
import type { CheckpointRecord } from './checkpoint.ts';
import type { TrainingData } from './data.ts';
import type { StateValues } from './predictions.ts';
import type { TrainSources } from './request.ts';
import type { TrainingSettings } from './settings.ts';
import { LEAST_DEVIATION } from './validation.ts';
import type { Score, Validation } from './validation.ts';

export interface Result {
  readonly system: SystemSettings;
  readonly settings: TrainingSettings;
  /** Changes of the learning rate during training. */
  readonly changes: CheckpointRecord['changes'];
  readonly sources: TrainSources;
  readonly data: TrainingData;
  readonly statistics: StateValues;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly backbone: FrozenBackbone | null;
  readonly validation: Validation;
  readonly ranking: Score;
  readonly dataTerms: string | undefined;
}

const WEIGHTS_FILE = 'weights.safetensors';

/**
 * Writes weights.safetensors and then model.json, each whole or not at all: a model.json means that the model is
 * complete.
 * @throws SynestheteError WRITE_FAILED
 */
export async function writeResult(out: string, result: Result): Promise<void> {
  const { system, settings, changes, data, statistics, validation, ranking } = result;
  const tensors = new Map(result.weights);
  for (const [name, values] of Object.entries(statistics))
    tensors.set(name, { shape: [values.length], data: values });
  for (const [name, tensor] of Object.entries(result.backbone?.weights ?? {}))
    tensors.set(`${BACKBONE_PREFIX}${name}`, tensor);
  const path = join(out, WEIGHTS_FILE);
  await writeSafetensors(path, tensors);
  const { system: name, ...shapes } = system;
  const statistic = (part: 'mean' | 'deviation'): number[] => [
    ...(statistics[`music.features.${part}`] ?? []),
  ];
  const description: NewModelDescription = {
    date: new Date().toISOString(),
    architecture: { name, settings: json(shapes) },
    features: {
      normalisation: system.normalisation,
      mean: statistic('mean'),
      deviation: statistic('deviation'),
    },
    sigma: data.sigma,
    constant: data.constant,
    ...uncertaintyOf(validation),
    spread: { music: deviationsOf(data.train.clipMoods) },
    data: describeData(result),
    metrics: json({ val: validation, training: settings, ...(changes.length > 0 && { changes }) }),
    ranking: { score: ranking },
    weights: [{ file: WEIGHTS_FILE, sha256: await sha256OfFile(path) }],
  };
  await writeModelDescription(join(out, 'model.json'), description);
}

/** The errors of predictions on the val split. Empty when a network predicts no moods: such a model can't be used. */
function uncertaintyOf({ image, music }: Validation): Pick<NewModelDescription, 'uncertainty'> {
  if (image === null || music === null) return {};
  const along = ({ valence, arousal }: NonNullable<Validation['image']>) => ({
    valence: Math.max(LEAST_DEVIATION, Math.sqrt(valence.mse)),
    arousal: Math.max(LEAST_DEVIATION, Math.sqrt(arousal.mse)),
  });
  return { uncertainty: { image: along(image), music: along(music) } };
}

function deviationsOf({ valence, arousal }: PlanePoints): Mood {
  const { sd } = spreadOf(Array.from(valence, (v, i) => ({ valence: v, arousal: arousal[i]! })));
  return {
    valence: Math.max(LEAST_DEVIATION, sd.valence),
    arousal: Math.max(LEAST_DEVIATION, sd.arousal),
  };
}

function describeData({ data, dataTerms = 'not stated' }: Result): NewModelDescription['data'] {
  const files = { image: data.train.pictures.length, music: new Set(data.train.clips.map(({ stretch }) => stretch)).size }; // prettier-ignore
  return (['image', 'music'] as const).map((kind) => ({
    name: kind === 'image' ? 'pictures of the training manifest' : 'sounds of the training manifest',
    terms: dataTerms,
    kind,
    files: files[kind],
    labels: 'ratings',
    splits: ['train'],
  }));
}

/** A value after a round trip through JSON: undefined members vanish, NaN becomes null. */
function json(value: object): NewModelDescription['metrics'] {
  return JSON.parse(JSON.stringify(value)) as NewModelDescription['metrics'];
}
