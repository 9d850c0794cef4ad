import { join } from 'node:path';
import { SynestheteError } from '../../../models/errors.ts';
import {
  CHECKPOINT_FILE,
  engineOfCheckpoint,
  type TrainResult,
} from '../../../models/training/end-to-end/index.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { sourcesOf, type DataFlags } from './data-flags.ts';
import { trainContext, type EngineFlags } from './session.ts';
import type { Trainer } from './trainers.ts';

/** Flags of training end to end, beside those that are settings. */
export interface EndToEndFlags extends Omit<DataFlags, 'images' | 'music'>, EngineFlags {
  readonly images?: readonly string[];
  readonly music?: readonly string[];
  readonly out: string;
  readonly resume?: true;
  readonly maxMinutes?: number;
  readonly checkpointSeconds?: number;
  readonly memory?: number;
  readonly dataTerms?: readonly string[];
  readonly json?: true;
}

/**
 * `train --end-to-end`, and `train --resume`: CDCML or one of its rivals, as the paper trains them.
 * @param given settings of --settings and of flags
 * @throws SynestheteError USAGE, and those of the trainer
 */
export async function trainEndToEnd(
  flags: EndToEndFlags,
  given: Readonly<Record<string, unknown>>,
  trainer: Trainer,
): Promise<void> {
  const { images: imageManifests, music: musicManifests, ...others } = flags;
  const images = onlyManifest('--images', imageManifests);
  const music = onlyManifest('--music', musicManifests);
  const sources = await sourcesOf({
    ...others,
    ...(images !== undefined && { images }),
    ...(music !== undefined && { music }),
  });
  const checkpoint = join(flags.out, CHECKPOINT_FILE);
  const context = await trainContext(
    flags,
    flags.resume === true ? await engineOfCheckpoint(checkpoint) : null,
  );
  if (flags.json !== true) await print(`engine: ${context.engine.description}\n`);
  try {
    const result = await trainer(
      {
        given,
        sources,
        out: flags.out,
        resume: flags.resume === true,
        maxMinutes: flags.maxMinutes,
        checkpointSeconds: flags.checkpointSeconds,
        memoryBytes: flags.memory === undefined ? undefined : flags.memory * 2 ** 20,
        dataTerms: flags.dataTerms?.join('; '),
      },
      context,
    );
    context.endProgress();
    if (!result) {
      const hasCheckpoint = (await engineOfCheckpoint(checkpoint)) !== null;
      warn(
        hasCheckpoint
          ? `interrupted; go on with: ${resumeCommand(flags)}`
          : 'interrupted before the first checkpoint; the same command starts again, with what it has read from the cache',
      );
      return;
    }
    const summary = { engine: context.engine.description, ...result };
    await print(flags.json === true ? `${JSON.stringify(summary)}\n` : describe(result));
  } finally {
    context.endProgress();
  }
}

/** The one manifest of a training end to end. @throws SynestheteError USAGE */
function onlyManifest(option: string, paths: readonly string[] | undefined): string | undefined {
  if (paths === undefined || paths.length === 1) return paths?.[0];
  throw new SynestheteError('USAGE', `${option} takes one manifest end to end, not ${paths.length}`);
}

/** The command that resumes the training: the checkpoint holds the rest, also the engine and its threads. */
function resumeCommand({
  out,
  cache,
  tensorflowBackend,
  maxMinutes,
  checkpointSeconds,
  memory,
  dataTerms = [],
  json,
}: EndToEndFlags): string {
  const given: readonly (readonly [option: string, value: string | number | undefined])[] = [
    ['--out', out],
    ['--cache', cache],
    ['--tensorflow-backend', tensorflowBackend],
    ['--max-minutes', maxMinutes],
    ['--checkpoint-seconds', checkpointSeconds],
    ['--memory', memory],
    ...dataTerms.map((terms) => ['--data-terms', terms] as const),
  ];
  const options = given.flatMap(([option, value]) =>
    value === undefined ? [] : [option, quoted(`${value}`)],
  );
  return ['synesthete train --resume', ...options, ...(json === true ? ['--json'] : [])].join(' ');
}

/** Quotes a word of a command line for a shell. */
function quoted(text: string): string {
  return /^[\w./:=@%+,-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function describe({
  out,
  architecture,
  validation,
  ranking,
  steps,
  bestEpoch,
  skipped,
}: TrainResult): string {
  const { similarity, image, music, retrieval } = validation;
  const figure = (name: string, mse: number, constant: number, more = ''): string =>
    `${name.padEnd(18)} MSE ${mse.toFixed(4)}  constant ${constant.toFixed(4)}${more}\n`;
  const moods = (
    [
      ['picture', image],
      ['music', music],
    ] as const
  ).flatMap(([kind, of]) =>
    of
      ? (['valence', 'arousal'] as const).map((axis) =>
          figure(`${kind} ${axis}`, of[axis].mse, of[axis].constantMse, `  R² ${of[axis].r2.toFixed(3)}`),
        )
      : [],
  );
  const gap = retrieval[ranking]!.gapClosed;
  return [
    `${architecture.system}: ${steps} steps, best in epoch ${bestEpoch}; on the split val, which chose that epoch:\n`,
    similarity ? figure('similarity', similarity.mse, similarity.constantMse) : '',
    ...moods,
    `ranked by ${ranking}: ${(100 * gap).toFixed(1)} % of the gap between chance and the best possible closed\n`,
    skipped.length > 0 ? `${skipped.length} files left out\n` : '',
    `written to ${out}\n`,
  ].join('');
}
