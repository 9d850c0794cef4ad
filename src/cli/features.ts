import { realpath } from 'node:fs/promises';
import type { Command } from 'commander';
import { SynestheteError } from '../../models/errors.ts';
import {
  CLIP_SAMPLES,
  createFeatureExtractor,
  FEATURE_GROUPS,
  FEATURE_ROWS,
  FRAME_COUNT,
  SAMPLE_RATE_HZ,
  writeNpy,
} from '../../models/features/index.ts';
import { writeWhole } from '../../models/write-whole.ts';
import { clipOfFile } from '../../streams/clips/index.ts';
import { drawFeatures } from '../report/feature-terminal.ts';
import { seconds } from './options/numbers.ts';
import { warn } from './terminal/failure.ts';
import { print, unwrapped, useColour } from './terminal/output.ts';

interface FeaturesOptions {
  readonly start: number;
  readonly out?: string;
  readonly png?: string;
  readonly json?: true;
}

export function addFeaturesCommand(program: Command): void {
  program
    .command('features')
    .description('compute the 193 × 87 feature matrix of a 2 s clip of a sound file, and show or write it')
    .argument('<file>', 'anything that ffmpeg decodes')
    .option('--start <seconds>', 'where the clip starts', seconds, 0)
    .option('--out <file.npy>', 'write the matrix as a float32 NumPy file')
    .option('--png <file.png>', 'write a picture of the matrix')
    .option('--json', 'print the matrix (unless --out is given) and its statistics as JSON')
    .action(features);
}

async function features(file: string, options: FeaturesOptions): Promise<void> {
  for (const output of [options.out, options.png]) await refuseInput(file, output);
  const [{ samples, soundSeconds, damage }, extractor] = await Promise.all([
    clipOfFile(file, options.start),
    createFeatureExtractor(),
  ]);
  const clipSeconds = CLIP_SAMPLES / SAMPLE_RATE_HZ;
  if (soundSeconds < clipSeconds) {
    warn(
      `${file} has only ${soundSeconds.toFixed(3)} s from ${options.start} s on; the rest of the clip is silence`,
    );
  }
  if (damage !== undefined) warn(damage);
  const matrix = extractor.extract(samples);

  if (options.out !== undefined) {
    await writeNpy(options.out, { rows: FEATURE_ROWS, columns: FRAME_COUNT, values: matrix });
  }
  if (options.png !== undefined) {
    const { featuresPng } = await import('../report/feature-png.ts');
    await writeWhole(options.png, await featuresPng(matrix));
  }
  if (options.json) {
    await print(`${JSON.stringify(describe(file, options, { soundSeconds, damage }, matrix))}\n`);
  } else if (options.out === undefined && options.png === undefined) {
    await print(unwrapped(drawFeatures(matrix, useColour())));
  }
}

/** Refuses to overwrite music by its own features. */
async function refuseInput(input: string, output: string | undefined): Promise<void> {
  if (output === undefined) return;
  const [from, to] = await Promise.all([input, output].map((path) => realpath(path).catch(() => undefined)));
  if (from !== undefined && from === to) {
    throw new SynestheteError(
      'USAGE',
      `${output} is the sound itself and would be overwritten: name another file`,
    );
  }
}

function describe(
  file: string,
  options: FeaturesOptions,
  { soundSeconds, damage }: { readonly soundSeconds: number; readonly damage: string | undefined },
  matrix: Float32Array,
) {
  return {
    file,
    start: options.start,
    soundSeconds,
    damage: damage ?? null,
    shape: [FEATURE_ROWS, FRAME_COUNT],
    groups: FEATURE_GROUPS.map(({ name, first, rows }) => ({
      name,
      first,
      rows,
      ...statistics(matrix.subarray(first * FRAME_COUNT, (first + rows) * FRAME_COUNT)),
    })),
    ...(options.out === undefined ? { matrix: rowsOf(matrix) } : { out: options.out }),
    ...(options.png === undefined ? {} : { png: options.png }),
  };
}

function statistics(values: Float32Array) {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { min, max, mean: sum / values.length };
}

function rowsOf(matrix: Float32Array): number[][] {
  return Array.from({ length: FEATURE_ROWS }, (_, row) => [
    ...matrix.subarray(row * FRAME_COUNT, (row + 1) * FRAME_COUNT),
  ]);
}
