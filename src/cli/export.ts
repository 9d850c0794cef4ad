import { join } from 'node:path';
import type { Command } from 'commander';
import { SynestheteError } from '../../models/errors.ts';
import type { Graph } from '../../models/graph/index.ts';
import type { Model } from '../../models/model/index.ts';
import { writeFolder } from '../../models/write-folder.ts';
import { writeWhole } from '../../models/write-whole.ts';
import { addModelOptions, introduction, openChosenModel, type ModelOptions } from './options/model.ts';
import { numberWithin } from './options/numbers.ts';
import { print } from './terminal/output.ts';
import { Progress } from './terminal/progress.ts';

interface ExportOptions extends ModelOptions {
  readonly onnx: string;
  readonly batch: number;
  readonly json?: true;
}

export function addExportCommand(program: Command): void {
  addModelOptions(
    program
      .command('export')
      .description('write a model as ONNX files that any program with ONNX Runtime runs')
      .requiredOption(
        '--onnx <folder>',
        'a folder to make: picture.onnx, music.onnx, similarity.onnx where the model has a predictor, export.json, README.md',
      )
      .option(
        '--batch <n>',
        'pictures or clips in a run; the shapes of the files are fixed',
        numberWithin(1, 1024, true),
        1,
      ),
  )
    .option('--json', 'print what was written as JSON')
    .action(async (options: ExportOptions) => {
      const model = await openChosenModel(options);
      try {
        if (options.json !== true) await print(`${introduction(model)}\n`);
        const summary = await exportOnnx(model, options.onnx, options.batch);
        await print(
          options.json === true
            ? `${JSON.stringify({ ...summary, engine: model.engine, out: options.onnx })}\n`
            : `written to ${options.onnx}: ${summary.files.map(({ file }) => file).join(', ')}, export.json, README.md\n`,
        );
      } finally {
        await model.close();
      }
    });
}

interface ValueSummary {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** What its numbers mean, for people. */
  readonly meaning: string;
}

/** What was written, which is also the content of export.json. */
export interface ExportSummary {
  readonly format: 'synesthete-onnx';
  readonly formatVersion: 1;
  /** Fingerprint of the model; see `Model.fingerprint`. */
  readonly model: string;
  readonly architecture: string;
  /** σ of docs/method.md's similarity s = exp(−d / σ). */
  readonly sigma: number;
  readonly batch: number;
  readonly files: readonly {
    readonly file: string;
    readonly inputs: readonly ValueSummary[];
    readonly outputs: readonly ValueSummary[];
  }[];
}

/**
 * Writes the graphs of a model, whole or not at all.
 *
 * @param folder to make; an empty one may exist.
 * @throws SynestheteError USAGE when the folder has something in it already, or the model is not made of graphs;
 * WRITE_FAILED.
 */
export async function exportOnnx(model: Model, folder: string, batch: number): Promise<ExportSummary> {
  if (model.graphs === undefined) {
    const { architecture, pictureEncoder } = model.description;
    const alone = pictureEncoder ? ' alone (its picture encoder is an ONNX file already)' : '';
    throw new SynestheteError(
      'USAGE',
      `a model of the architecture ${architecture.name} is not made of graphs${alone} and can't be exported; name another with --model`,
    );
  }
  const { toOnnx } = await import('../../models/graph/index.ts');
  const { picture, music, similarity } = await model.graphs(batch);
  const graphs: readonly (readonly [file: string, graph: Graph])[] = [
    ['picture.onnx', picture],
    ['music.onnx', music],
    ...(similarity === undefined ? [] : [['similarity.onnx', similarity] as const]),
  ];
  const summary: ExportSummary = {
    format: 'synesthete-onnx',
    formatVersion: 1,
    model: model.fingerprint,
    architecture: model.description.architecture.name,
    sigma: model.description.sigma,
    batch,
    files: graphs.map(([file, graph]) => ({
      file,
      inputs: summaries(graph.inputs),
      outputs: summaries(graph.outputs),
    })),
  };
  await writeFolder(folder, async (place) => {
    const progress = new Progress('files', { total: graphs.length });
    try {
      for (const [file, graph] of graphs) {
        await writeWhole(join(place, file), toOnnx(graph));
        progress.step();
      }
    } finally {
      progress.stop();
    }
    await writeWhole(join(place, 'export.json'), `${JSON.stringify(summary, undefined, 2)}\n`);
    await writeWhole(join(place, 'README.md'), readme(summary, model));
  });
  return summary;
}

/** By the names that ModelGraphs gives; the shapes stand beside them. */
const MEANINGS: Readonly<Record<string, string>> = {
  pixels:
    'sRGB, 0 to 255, row by row: the whole picture squashed to this size without regard to its proportions',
  features:
    '193 rows × 87 frames of 2 s of sound, as `synesthete features FILE --start S --out M.npy` writes them',
  samples:
    'sound: mono, 22,050 Hz, full scale ±1; a clip of 2 s, of 66,150 samples with the second before it (zeros where there was none)',
  picture: 'the embedding of a picture, from picture.onnx',
  clip: 'the embedding of a clip, from music.onnx',
  embedding: 'where the picture or the clip lies among others',
  mood: 'valence and arousal, each from 0 to 1',
  unsafe: 'the probability that the picture is pornographic or a drawing of that kind',
  similarity: 'the learnt similarity of the picture and the clip, from 0 to 1',
};

function summaries(values: Graph['inputs']): ValueSummary[] {
  return [...values].map(([name, { dtype, shape }]) => ({
    name,
    type: dtype,
    shape,
    meaning: MEANINGS[name]!,
  }));
}

const READ_MUSIC: Readonly<Record<string, string>> = {
  features: `features = np.load("M.npy")`,
  samples: `# Made by: ffmpeg -ss S -i FILE -t T -ac 1 -ar 22050 -f f32le M.f32, T being the seconds that fill the input
length = session.get_inputs()[0].shape[1]
samples = np.fromfile("M.f32", np.float32)[:length]
samples = np.pad(samples, (0, length - len(samples)))`,
};

function readme(
  { files, batch, sigma, architecture, model }: ExportSummary,
  { pictureInput }: Model,
): string {
  const list = (values: readonly ValueSummary[]): string =>
    values.map(({ name, type, shape }) => `\`${name}\` ${type} [${shape.join(', ')}]`).join('; ');
  const meanings = new Map(
    files
      .flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
      .map(({ name, meaning }) => [name, meaning]),
  );
  const outputs = files.flatMap((file) => file.outputs);
  const music = files.find(({ file }) => file === 'music.onnx')!.inputs[0]!.name;
  const { width, height } = pictureInput;
  const predictor = outputs.some(({ name }) => name === 'similarity');
  return `# A model of Synesthete as ONNX: ${architecture}

Model ${model}. Opset 17, standard operators only. What makes inputs ready for the networks is part of the files.

| file | inputs | outputs |
| --- | --- | --- |
${files.map((file) => `| \`${file.file}\` | ${list(file.inputs)} | ${list(file.outputs)} |`).join('\n')}

${[...meanings].map(([name, meaning]) => `- \`${name}\`: ${meaning}.`).join('\n')}
- The similarity of a picture and a clip by their moods is exp(−distance / ${sigma}).
${
  outputs.some(({ name }) => name === 'unsafe')
    ? ''
    : `- Whether a picture is unsafe is not part of the files: another network tells it, from pictures of another
  size.
`
}
\`\`\`python
import numpy as np, onnxruntime
from PIL import Image

picture = Image.open("photo.jpg").convert("RGB").resize((${width}, ${height}), Image.LANCZOS)
pixels = np.repeat(np.asarray(picture, np.float32)[None], ${batch}, axis=0)
session = onnxruntime.InferenceSession("picture.onnx")
mood, embedding = session.run(["mood", "embedding"], {"pixels": pixels})

${READ_MUSIC[music]!}
${music} = np.repeat(${music}[None], ${batch}, axis=0)
session = onnxruntime.InferenceSession("music.onnx")
clip_mood, clip_embedding = session.run(["mood", "embedding"], {"${music}": ${music}})
${
  predictor
    ? `
session = onnxruntime.InferenceSession("similarity.onnx")
(similarity,) = session.run(["similarity"], {"picture": embedding, "clip": clip_embedding})
`
    : ''
}\`\`\`
`;
}
