import { SynestheteError } from '../../../models/errors.ts';
import type { Explanation, Model, Mood, Prediction } from '../../../models/model/index.ts';
import type { FilePrediction } from '../../../streams/file-inference/index.ts';
import { printable } from '../terminal/printable.ts';
import { terminalWidth, wrapped } from '../terminal/wrap.ts';

/**
 * The model, with explanations of its predictions.
 * @throws SynestheteError USAGE for a model that wasn't trained on frozen encoders
 */
export function explainedModel(model: Model): Model {
  if (model.explained !== undefined) return model.explained();
  throw new SynestheteError(
    'USAGE',
    `--explain shows what each frozen encoder does, and ${model.folder} (${model.description.architecture.name}) was trained end to end and has none; use the built-in model, or one that "train" writes without --end-to-end`,
  );
}

/** Fields for the lines of --json; `prediction` is the model's own, also where a person's mood replaces it. */
export function explanationFields({ valence, arousal, explanation }: Prediction): object {
  if (explanation === undefined) return {};
  const { base, parts, within } = explanation;
  return {
    explanation: {
      prediction: rounded({ valence, arousal }),
      mean: rounded(base),
      encoders: parts.map(({ encoder, push, leftOut }) => ({
        name: encoder,
        push: rounded(push),
        leftOut: rounded(leftOut),
      })),
      ...(within === undefined ? {} : { within: rounded(within) }),
    },
  };
}

function rounded({ valence, arousal }: Mood): Mood {
  return { valence: Number(valence.toFixed(6)), arousal: Number(arousal.toFixed(6)) };
}

/** A clip or a picture: the model's prediction, and the same with the moods by hand in its place. */
interface Explained {
  readonly byModel: Prediction;
  readonly shown: Prediction;
}

/**
 * Tables for people, one for each file: from the prediction of mean features, through what each encoder adds, to the
 * prediction. For a sound file all numbers are means over its clips, Shapley values included. A legend at the end says
 * what the numbers mean.
 */
export class ExplanationTables {
  readonly #withins = new Map<FilePrediction['kind'], Explanation['within']>();
  #ofFile: Explained[] = [];

  /** @param shown the prediction, with a mood by hand in its place where there is one */
  prediction(_file: string, { kind, prediction }: FilePrediction, shown: FilePrediction): string {
    this.#ofFile.push({ byModel: prediction, shown: shown.prediction });
    this.#withins.set(kind, prediction.explanation!.within);
    return '';
  }

  /** @param isWhole whether the file could be read to its end */
  endOfFile(file: string, isWhole: boolean): string {
    const predictions = this.#ofFile;
    this.#ofFile = [];
    return isWhole ? table(file, predictions) : '';
  }

  end(): string {
    return this.#withins.size === 0 ? '' : legend(this.#withins);
  }
}

/** @param predictions of one file, at least one, each with an explanation */
function table(file: string, predictions: readonly Explained[]): string {
  const mean = (of: (prediction: Explained) => number): number =>
    predictions.reduce((sum, prediction) => sum + of(prediction), 0) / predictions.length;
  const along = (of: (prediction: Explained, axis: keyof Mood) => number): [number, number] => [
    mean((prediction) => of(prediction, 'valence')),
    mean((prediction) => of(prediction, 'arousal')),
  ];
  const explanationOf = ({ byModel }: Explained): Explanation => byModel.explanation!;
  const momentsOf = (which: 'byModel' | 'shown'): Cells => {
    const [valence, arousal] = along((prediction, axis) => prediction[which][axis]);
    const [valenceSd, arousalSd] = along((prediction, axis) => prediction[which][`${axis}Sd`]);
    return [fixed(valence), `±${fixed(valenceSd)}`, fixed(arousal), `±${fixed(arousalSd)}`];
  };
  const [baseValence, baseArousal] = along((prediction, axis) => explanationOf(prediction).base[axis]);
  const rows: [string, Cells][] = [
    ['', ['valence', '', 'arousal', '']],
    ['mean features', [fixed(baseValence), '', fixed(baseArousal), '']],
    ...explanationOf(predictions[0]!).parts.map(({ encoder }, i): [string, Cells] => {
      const [valence, arousal] = along((prediction, axis) => explanationOf(prediction).parts[i]!.push[axis]);
      const [valenceOut, arousalOut] = along(
        (prediction, axis) => explanationOf(prediction).parts[i]!.leftOut[axis],
      );
      return [
        encoder,
        [signed(valence), `(${signed(valenceOut)})`, signed(arousal), `(${signed(arousalOut)})`],
      ];
    }),
    ['prediction', momentsOf('byModel')],
  ];
  if (predictions.some(({ shown }) => shown.by !== undefined))
    rows.push(['with moods.csv', momentsOf('shown')]);
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, [valence, more, arousal, moreArousal]]) =>
    `  ${label.padEnd(width)}  ${valence.padStart(7)} ${more.padEnd(9)}  ${arousal.padStart(7)} ${moreArousal}`.trimEnd(),
  );
  const clips = predictions.length === 1 ? '' : ` · mean of ${predictions.length} clips`;
  return `\n${printable(file)}${clips}\n${lines.join('\n')}\n`;
}

/** A number and a second one behind it, for valence and for arousal. */
type Cells = readonly [string, string, string, string];

function fixed(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  const text = value.toFixed(3);
  return Number(text) < 0 ? text : `+${text.replace('-', '')}`;
}

/**
 * What the numbers of the tables mean, and how sure the predictions are.
 * @param withins for the kinds of files that were read
 */
function legend(withins: ReadonlyMap<FilePrediction['kind'], Explanation['within']>): string {
  const lines = [
    '',
    'Each encoder moves the prediction by this much from that of mean features (Shapley values: they add up to it); in brackets what the prediction would lose without that encoder alone. ± is the standard deviation of its error:',
  ];
  for (const [kind, within] of withins) {
    const what = kind === 'image' ? 'pictures' : 'clips of music';
    lines.push(
      within === undefined
        ? `how many ${what} lie within it, an older version that trained this model did not count.`
        : `of the rated ${what} that were kept apart from training ${percent(within.valence)} lie within it in valence, ${percent(within.arousal)} in arousal.`,
    );
  }
  return `${wrapped(lines.join('\n'), terminalWidth())}\n`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
