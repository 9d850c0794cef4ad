import { Option, type Command } from 'commander';
import { ENGINE_NAMES } from '../../../models/engine/index.ts';
import type { TrainSources } from '../../../models/training/end-to-end/index.ts';
import { parseThreads, tensorflowBackendOption } from '../options/engine.ts';

export interface DataFlags {
  readonly images?: string;
  readonly music?: string;
  readonly pairs?: string;
  readonly imageWeights?: string;
  readonly musicWeights?: string;
  readonly scale?: string;
  readonly skipBad?: true;
}

export function addDataFlags(command: Command): void {
  command
    .option('--images <manifest.csv>', 'rated pictures with splits train and val')
    .option('--music <manifest.csv>', 'rated sounds with splits train and val');
  addFurtherDataFlags(command);
}

export function addFurtherDataFlags(command: Command): void {
  command
    .option(
      '--pairs <file>',
      'pairs of the split train with their similarities (with --pairs-form sampled, which otherwise draws five for each clip)',
    )
    .option('--image-weights <file.safetensors>', 'the picture backbone, with torchvision’s names')
    .option('--music-weights <file.safetensors>', 'ResNet-18, with torchvision’s names')
    .option('--scale <low..high>', 'the scale of the ratings (default: 0..1)')
    .option('--skip-bad', 'leave out files that can’t be decoded, and say which');
}

export function addEngineFlags(command: Command): void {
  command
    .addOption(new Option('--engine <name>', 'what computes (default: auto)').choices(ENGINE_NAMES))
    .option('--threads <count>', 'threads of the cpu engine (default: one for each core)', parseThreads)
    .addOption(tensorflowBackendOption())
    .option('--cache <folder>', 'where features and activations are kept');
}

/** The sources that the options name, without the others. @throws SynestheteError USAGE */
export async function sourcesOf(flags: DataFlags): Promise<Partial<TrainSources>> {
  const { images, music, pairs, imageWeights, musicWeights, scale, skipBad } = flags;
  const { parseScale } = await import('../../../models/training/index.ts');
  return {
    ...(images !== undefined && { images }),
    ...(music !== undefined && { music }),
    ...(pairs !== undefined && { pairs }),
    ...(imageWeights !== undefined && { imageWeights }),
    ...(musicWeights !== undefined && { musicWeights }),
    ...(scale !== undefined && { scale: parseScale(scale) }),
    ...(skipBad === true && { skipBad }),
  };
}
