import { InvalidArgumentError, Option, type Command } from 'commander';
import type { OnnxEncoderFile, GivenEncoder } from '../../../models/encoders/index.ts';
import { SynestheteError } from '../../../models/errors.ts';
import type { CdcmlSettings } from '../../../models/families/on-encoders/index.ts';
import { number } from '../options/numbers.ts';
import { print } from '../terminal/output.ts';
import { addEngineFlags } from './data-flags.ts';
import { collect } from './data-terms.ts';
import type { FrozenCommandFlags } from './frozen.ts';

interface RefitFlags extends FrozenCommandFlags {
  readonly images: readonly string[];
  readonly music: readonly string[];
  readonly pictureEncoder: string;
  readonly beside?: true;
  readonly encoderSize?: number;
  readonly encoderLayout?: NonNullable<GivenEncoder['layout']>;
  readonly encoderMean?: Colours;
  readonly encoderDeviation?: Colours;
  readonly encoderOutput?: string;
  readonly encoderPooling?: NonNullable<GivenEncoder['pooling']>;
  readonly encoderTerms?: string;
  readonly settings?: string;
  readonly epochs?: number;
}

type Colours = readonly [number, number, number];

export function addRefitCommand(program: Command): void {
  const command = program
    .command('refit')
    .description(
      'learn new heads on a picture encoder of your own, an ONNX file, as train does on the built-in ones',
    )
    .requiredOption(
      '--picture-encoder <file.onnx>',
      'a network that takes pictures (as exported from CLIP, DINOv2, ConvNeXt); it is copied into the model',
    )
    .requiredOption(
      '--images <manifests...>',
      'rated pictures; further sets may follow, rated or with emotions',
    )
    .requiredOption(
      '--music <manifests...>',
      'rated sounds; further sets may follow, rated or with quadrants',
    )
    .requiredOption('--out <folder>', 'for model.json, weights.safetensors and picture-encoder.onnx')
    .option('--beside', 'learn from the built-in picture encoders as well')
    .option(
      '--encoder-size <pixels>',
      'side of the square that it looks at, where its file leaves that free',
      pixels,
    )
    .addOption(
      new Option('--encoder-layout <layout>', 'order of its input, where its file leaves that open').choices([
        'nchw',
        'nhwc',
      ]),
    )
    .option(
      '--encoder-mean <r,g,b>',
      'subtracted from pixels on 0 to 1 (default: that in its file, else ImageNet’s, 0.485,0.456,0.406)',
      mean,
    )
    .option(
      '--encoder-deviation <r,g,b>',
      'by which they are divided then (default: that in its file, else ImageNet’s, 0.229,0.224,0.225)',
      deviation,
    )
    .option('--encoder-output <name>', 'the output to learn from, where it has several')
    .addOption(
      new Option(
        '--encoder-pooling <how>',
        'what is taken of an output of tokens: their mean, or the first alone (default: mean)',
      ).choices(['mean', 'first']),
    )
    .option('--encoder-terms <text>', 'licence or terms of the encoder, for model.json')
    .option('--settings <file.json>', 'settings of the training; flags go before them')
    .option('--epochs <count>', 'passes of each network over the data (default: 24)', number)
    .option('--splits <list>', 'what is learnt (default: train,val)', (text: string) => text.split(','))
    .option('--scale <low..high>', 'the scale of the ratings (default: 0..1)')
    .option('--skip-bad', 'leave out files that can’t be read, and say which')
    .option(
      '--data-terms <text>',
      'licence or terms of the data, for model.json, of one set as NAME=TERMS for NAME.csv; may be given again',
      collect,
    )
    .option('--overwrite', 'put the new model in the place of one that is there')
    .option('--json', 'print the result as JSON');
  addEngineFlags(command);
  command.action(refitCommand);
}

/**
 * `refit`: CDCML as `train` makes it, on an ONNX encoder in the place of the bundled picture encoders. The same command resumes an
 * interrupted one.
 * @throws SynestheteError USAGE, and those of `inspectOnnxEncoder`, `readManifest` and `trainCdcml`
 */
async function refitCommand(flags: RefitFlags): Promise<void> {
  const [{ prepareFrozen, trainFrozen }, { inspectOnnxEncoder }, { bundledDescription }] = await Promise.all([
    import('./frozen.ts'),
    import('../../../models/encoders/index.ts'),
    import('../../../models/families/index.ts'),
  ]);
  const ready = await prepareFrozen(flags);
  const onnx = await inspectOnnxEncoder(flags.pictureEncoder, toldIn(flags), ready.context.engine);
  const settings = await settingsWith(onnx, flags);
  if (flags.json !== true) await print(describe(onnx, settings));
  await trainFrozen(flags, {
    ...ready,
    settings,
    onnx: { ...onnx, terms: flags.encoderTerms ?? 'not stated' },
    besides: await bundledDescription(),
  });
}

/** @throws SynestheteError USAGE */
async function settingsWith(
  onnx: OnnxEncoderFile,
  { settings, beside, epochs }: RefitFlags,
): Promise<CdcmlSettings> {
  const [{ readSettings }, { changed, isParts, settingsOf }] = await Promise.all([
    import('../../../models/training/end-to-end/index.ts'),
    import('./frozen.ts'),
  ]);
  const given = settings === undefined ? {} : await readSettings(settings);
  const { picture } = given;
  if (beside === true && isParts(picture) && picture['encoders'] !== undefined) {
    throw new SynestheteError(
      'USAGE',
      `--beside and picture.encoders in ${settings} both choose encoders; give one of them`,
    );
  }
  const flags = epochs === undefined ? {} : { epochs };
  const all = changed(beside === true ? {} : { picture: { encoders: [] } }, { ...given, ...flags });
  return settingsOf(all, onnx.settings);
}

function toldIn(flags: RefitFlags): GivenEncoder {
  const { encoderSize, encoderLayout, encoderMean, encoderDeviation, encoderOutput, encoderPooling } = flags;
  return {
    ...(encoderSize !== undefined && { size: encoderSize }),
    ...(encoderLayout !== undefined && { layout: encoderLayout }),
    ...(encoderMean !== undefined && { mean: encoderMean }),
    ...(encoderDeviation !== undefined && { deviation: encoderDeviation }),
    ...(encoderOutput !== undefined && { output: encoderOutput }),
    ...(encoderPooling !== undefined && { pooling: encoderPooling }),
  };
}

function describe({ name, settings, isAssumed }: OnnxEncoderFile, { picture }: CdcmlSettings): string {
  const { sha256, input, output } = settings;
  const list = (values: readonly number[]): string =>
    values.map((value) => Number(value.toPrecision(4))).join(', ');
  const assumed = isAssumed
    ? ' (ImageNet’s are assumed: --encoder-mean and --encoder-deviation give others)'
    : '';
  const poolings = { none: '', mean: ', a mean over all places', first: ', the first token' };
  return [
    `picture encoder: ${name}, SHA-256 ${sha256.slice(0, 12)}…\n`,
    `it is fed: "${input.name}", ${input.layout} ${input.type}, pictures squashed to ${input.width}×${input.height}, `,
    input.type === 'uint8'
      ? 'bytes as they are\n'
      : `mean ${list(input.mean)}, deviation ${list(input.deviation)}${assumed}\n`,
    `it gives: "${output.name}", ${output.width} numbers${poolings[output.pooling]}\n`,
    `beside it: ${picture.encoders.length === 0 ? 'no other picture encoder' : picture.encoders.join(', ')}\n`,
  ].join('');
}

function pixels(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number of pixels.');
}

const mean = coloursOf((value) => value >= 0 && value <= 1, 'from 0 to 1, as 0.485,0.456,0.406');
const deviation = coloursOf((value) => value > 0 && value <= 1, 'above 0, at most 1, as 0.229,0.224,0.225');

/** Three numbers, or one for all three colours. */
function coloursOf(isFit: (value: number) => boolean, what: string): (text: string) => Colours {
  return (text) => {
    const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
    const [red, green = red, blue = red] = values;
    if ((values.length === 1 || values.length === 3) && values.every(isFit)) return [red!, green!, blue!];
    throw new InvalidArgumentError(`It must be three numbers, or one for all, ${what}.`);
  };
}
