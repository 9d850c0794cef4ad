import type { Remedy, Setting } from '../../../models/remedy.ts';

/** The option of a setting, such as `--image-weights`. */
export function optionOf(setting: Setting): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

type Of<K extends Remedy['kind']> = Extract<Remedy, { kind: K }>;

/** What to do, in the options of the command line. Each continues "MESSAGE; …". */
const WORDS: { readonly [K in Remedy['kind']]: (remedy: Of<K>) => string } = {
  give: ({ settings, value, example }) =>
    `give ${optionsOf(settings)}${value === undefined ? '' : ` ${value}`}${example === undefined ? '' : `, such as ${example}`}`,
  'leave-out': ({ settings }) => `leave out ${optionsOf(settings)}`,
  'same-setting': ({ setting }) =>
    `leave out ${optionOf(setting)} to resume it, or start again in another folder`,
  'use-engine': ({ engine }) => `use --engine ${engine}`,
  'compare-with-cpu': () => 'try --engine cpu; if it is the same there, the weights are at fault',
  'install-cuda': () =>
    'run npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12, or use --engine auto',
  'other-model': () => 'or name another model with --model',
  'other-index': () => '--index names another folder',
  'standard-input': () => 'feed it through standard input (--stdin)',
  'describe-samples': () => 'raw samples need --format, --rate and --channels',
  'cancelling-channels': ({ channel }) => `--channels ${channel} hears one channel alone`,
  'other-scale': () => 'commands that train or evaluate take other scales, such as --scale 1..9',
  'skip-bad': () => '--skip-bad goes on without such files',
  'name-encoder-output': () => 'name the one to learn from with --encoder-output',
  'other-encoder-size': () => 'another --encoder-size may fit',
  'list-settings': () => 'see train --help for their names',
  'train-on-encoders': () =>
    '"synesthete train" without --end-to-end and "synesthete refit" make such models',
  'train-in-one-process': () => '--threads 1 trains them one after the other in this process',
  'learn-from-one-rating': () => '"train" without --end-to-end learns from them, "evaluate" judges by them',
  'initial-weights': ({ of }) => `give them with ${of.map((side) => INITIAL_WEIGHTS[side]).join(' and ')}`,
  'weights-of-package': () => 'leave out --image-weights, or --frozen',
  'pretrained-backbone': () =>
    'give --image-weights FILE.safetensors (torchvision names), or choose --image-backbone efficientnet-lite0, whose weights come with the package',
  'released-manifests': () =>
    '"synesthete dataset imemnet --released" makes such manifests for IMEMNet’s own lists',
  'smaller-micro-batch': ({ batch }) =>
    `choose a smaller --micro-batch (the batch of ${batch} stays, in more runs)`,
  resume: () => 'resume it with --resume, or name another folder',
  'lower-learning-rate': ({ out, learningRate }) =>
    `resume from it with --resume --out ${out} --learning-rate X, less than ${learningRate}, or start again with a lower rate in another folder`,
};

const INITIAL_WEIGHTS = {
  images: '--image-weights (or choose --image-backbone efficientnet-lite0)',
  music: '--music-weights',
};

function optionsOf(settings: readonly Setting[]): string {
  return settings.map(optionOf).join(' and ');
}

/** One line that says what is wrong and, where options cure it, which. */
export function withRemedy(message: string, remedy: Remedy | undefined): string {
  if (remedy === undefined) return message;
  const words = WORDS[remedy.kind] as (remedy: Remedy) => string;
  return `${message}; ${words(remedy)}`;
}
