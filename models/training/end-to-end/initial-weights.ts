import { sha256OfFile } from '../../checksum.ts';
import { readEncoderWeights } from '../../encoders/index.ts';
import type { Engine } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import type { Weights } from '../../networks/index.ts';
import { initialState } from '../../networks/training/index.ts';
import { readSafetensors } from '../../weights/index.ts';
import type { Notice } from '../../remedy.ts';
import { frozenEncoder, frozenResnet, refuseRandomBackbone } from './backbone.ts';
import type { FrozenBackbone } from './backbone.ts';
import type { TrainSources } from './request.ts';
import type { Run } from './run.ts';
import type { TrainingSettings } from './settings.ts';
import type { TrainingStep } from './step.ts';

/**
 * The initial weights of a training. @throws SynestheteError FILE_NOT_FOUND, OTHER_ARCHITECTURE for weights that don't
 * fit
 */
export async function initialWeights(
  { settings, sources, context }: Pick<Run, 'settings' | 'sources' | 'context'>,
  step: TrainingStep,
): Promise<Record<string, Float32Array>> {
  const initial = initialState(step.trainable, settings.seed);
  tellRandomStarts(settings, sources, context.notice);
  const { imageBackbone, system } = settings;
  if (!settings.frozen && sources.imageWeights !== undefined) {
    loadPretrained(initial, step, sources.imageWeights, await backboneOf(sources.imageWeights), 'image.');
  } else if (!settings.frozen && system !== 'l3-net' && imageBackbone !== 'resnet50') {
    loadPretrained(initial, step, imageBackbone, await readEncoderWeights(imageBackbone), 'image.');
  }
  if (sources.musicWeights !== undefined)
    loadPretrained(initial, step, sources.musicWeights, await backboneOf(sources.musicWeights), 'music.');
  return initial;
}

/**
 * The paper's networks start from ImageNet's weights; L3-Net and ACP-Net start from random ones in their papers too.
 */
function tellRandomStarts(
  { system, frozen, imageBackbone }: TrainingSettings,
  { imageWeights, musicWeights }: TrainSources,
  notice: Notice,
): void {
  if (system !== 'cdcml' && system !== 'sp-net') return;
  const starts = [
    ...(!frozen && imageBackbone === 'resnet50' && imageWeights === undefined
      ? [{ of: 'images', network: 'the ResNet-50 of the pictures' } as const]
      : []),
    ...(musicWeights === undefined ? [{ of: 'music', network: 'the ResNet-18 of the music' } as const] : []),
  ];
  if (starts.length === 0) return;
  const networks = starts.map(({ network }) => network).join(' and ');
  notice(`random start of ${networks}: the paper starts from ImageNet’s weights`, {
    kind: 'initial-weights',
    of: starts.map(({ of }) => of),
  });
}

/** Checksums of the files of initial weights. @throws SynestheteError FILE_NOT_FOUND */
export async function weightSums({ imageWeights, musicWeights }: TrainSources): Promise<string[]> {
  const sumOf = async (path: string | undefined) => (path === undefined ? '' : sha256OfFile(path));
  return [await sumOf(imageWeights), await sumOf(musicWeights)];
}

/** The frozen picture network, if the settings ask for one. */
export async function openBackbone(
  settings: TrainingSettings,
  sources: TrainSources,
  engine: Engine,
): Promise<FrozenBackbone | null> {
  if (!settings.frozen) return null;
  if (settings.imageBackbone !== 'resnet50') {
    if (sources.imageWeights === undefined) return frozenEncoder(engine, settings.imageBackbone);
    throw new SynestheteError('USAGE', `a frozen ${settings.imageBackbone} has the weights of the package`, {
      remedy: { kind: 'weights-of-package' },
    });
  }
  if (sources.imageWeights === undefined) return refuseRandomBackbone();
  const { tensors } = await readSafetensors(sources.imageWeights);
  return frozenResnet(engine, Object.fromEntries(tensors), settings.imageSize, settings.width);
}

/** The weights of a torchvision checkpoint without its classifier. */
async function backboneOf(path: string): Promise<Weights> {
  const { tensors } = await readSafetensors(path, (name) => !name.startsWith('fc.'));
  return Object.fromEntries(tensors);
}

/** Replaces initial values of a backbone with pretrained weights. */
function loadPretrained(
  initial: Record<string, Float32Array>,
  step: TrainingStep,
  path: string,
  weights: Weights,
  prefix: string,
): void {
  for (const { input, shape } of step.trainable) {
    const isOfBackbone =
      input.startsWith(prefix) && !input.startsWith(`${prefix}fc.`) && !input.includes(':');
    if (!isOfBackbone) continue;
    const name = input.slice(prefix.length);
    const tensor = weights[name];
    if (tensor?.shape.join() !== shape.join()) {
      const has = tensor ? `has [${tensor.shape.join(', ')}]` : 'is missing';
      throw new SynestheteError(
        'OTHER_ARCHITECTURE',
        `${path}: weight ${name} ${has}, the network needs [${shape.join(', ')}]: name a checkpoint of this network with torchvision's names`,
      );
    }
    initial[input] = tensor.data;
  }
}
