import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { sha256 } from '../../../../models/checksum.ts';
import { TINY_CDCML } from '../../../models/training/on-encoders/formula-files.ts';
import { onnxEncoder, type OnnxForm } from '../../../support/onnx-encoder.ts';
import '../../../support/shared-sessions.ts';
import { tinyDataset } from '../../../support/tiny-dataset.ts';
import { called } from '../called.ts';
import { refused } from '../refused.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const data = await tinyDataset(join(folder, 'data'), { train: 7, val: 3 });
const settings = join(folder, 'settings.json');
// Without `encoders`, which refit chooses.
const picture = { ...TINY_CDCML.picture, encoders: undefined };
await writeFile(settings, JSON.stringify({ ...TINY_CDCML, picture }));
const ENGINE = ['--engine', 'cpu', '--threads', '1'];

async function encoderFile(name: string, content: OnnxForm | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : onnxEncoder(content));
  return path;
}

function args(encoder: string, out: string, ...more: string[]): string[] {
  return [
    ...['refit', '--picture-encoder', encoder, '--images', data.images, '--music', data.music],
    ...[
      '--settings',
      settings,
      '--out',
      join(folder, out),
      '--cache',
      join(folder, 'cache'),
      ...ENGINE,
      ...more,
    ],
  ];
}

interface Written {
  readonly architecture: { readonly settings: { readonly training: { readonly picture: object } } };
  readonly weights: readonly { readonly file: string; readonly sha256: string }[];
}

async function written(out: string): Promise<Written> {
  return JSON.parse(await readFile(join(folder, out, 'model.json'), 'utf8')) as Written;
}

async function predicted(model: string, ...files: string[]): Promise<Record<string, number>[]> {
  const { code, stdout, stderr } = await called(['predict', ...files, '--model', model, '--json', ...ENGINE]);
  t.equal(code, 0, stderr);
  return stdout.toString().trim().split('\n').map((line) => JSON.parse(line) as Record<string, number>); // prettier-ignore
}

const image = (index: number) => join(folder, 'data', `images${index}.png`);

t.test('refit makes a model of one folder that predict, evaluate and index take', async (t) => {
  const original = await encoderFile('stranger.onnx', { layout: 'nhwc', batch: 0, isFreeSize: true });
  const told = ['--encoder-size', '64', '--encoder-terms', 'made by formula'];
  const first = await called(args(original, 'model', ...told));
  t.equal(first.code, 0, first.stderr);
  const text = first.stdout.toString();
  t.match(text, /^picture encoder: stranger\.onnx, SHA-256 [0-9a-f]{12}…$/mu);
  t.match(
    text,
    /^it is fed: "pictures", nhwc float32, pictures squashed to 64×64, mean 0\.485, .* \(ImageNet’s are assumed/mu,
  );
  t.match(text, /^it gives: "features", 12 numbers$/mu);
  t.match(text, /^beside it: no other picture encoder$/mu);
  t.match(
    text,
    /^pictures: R² of valence +-?\d+\.\d{3} {2}built-in {2}0\.\d{3}$/mu,
    'figures of the built-in model stand beside',
  );
  const content = await readFile(original);
  await rm(original);

  const model = join(folder, 'model');
  const description = await written('model');
  t.match(description, {
    pictureEncoder: { file: 'stranger.onnx', terms: 'made by formula', assumed: ['mean', 'deviation'] },
    architecture: {
      settings: { training: { picture: { encoders: [], onnx: { sha256: sha256(content) } } } },
    },
    weights: [{ file: 'weights.safetensors' }, { file: 'picture-encoder.onnx', sha256: sha256(content) }],
  });
  t.ok(content.equals(await readFile(join(model, 'picture-encoder.onnx'))));

  const music = join(folder, 'data', 'music0.wav');
  const predictions = await predicted(model, image(0), image(1), music);
  t.equal(predictions.length, 4, 'two pictures and two clips');
  t.not(predictions[0]!['valence'], predictions[1]!['valence']);
  const evaluated = await called(
    ['evaluate', '--model', model, '--images', data.images, '--music', data.music].concat(
      ['--split', 'val', '--json', ...ENGINE], // prettier-ignore
    ),
  );
  t.equal(evaluated.code, 0, evaluated.stderr);
  t.match(JSON.parse(evaluated.stdout.toString()), { n: { images: 3, clips: 6, pairs: 18 } });

  const gallery = join(folder, 'gallery');
  await mkdir(gallery);
  await copyFile(image(0), join(gallery, 'a.png'));
  await copyFile(image(1), join(gallery, 'b.png'));
  const index = (...more: string[]) =>
    called(['index', gallery, '--allow-blank', '--json', ...ENGINE, ...more]);
  t.match(JSON.parse((await index()).stdout.toString()), { read: 2 });
  const own = await index('--model', model);
  t.equal(own.code, 0, own.stderr);
  t.match(JSON.parse(own.stdout.toString()), { read: 2 }, 'pictures are read again by another model');
  t.match(JSON.parse((await index('--model', model)).stdout.toString()), { read: 0 });

  // The features were cached, the networks too; the same bytes come out.
  const again = await encoderFile('renamed.onnx', { layout: 'nhwc', batch: 0, isFreeSize: true });
  const repeated = await called(args(again, 'again', ...told, '--json'));
  t.equal(repeated.code, 0, repeated.stderr);
  t.match(JSON.parse(repeated.stdout.toString()), { pictureEncoder: { file: 'renamed.onnx' }, skipped: [] });
  const weights = (of: string) => readFile(join(folder, of, 'weights.safetensors'));
  t.ok((await weights('again')).equals(await weights('model')));
  const scaled = await called(
    args(
      again,
      'scaled',
      '--encoder-size',
      '64',
      '--encoder-mean',
      '0.5',
      '--encoder-deviation',
      '0.2,0.3,0.4',
    ),
  );
  t.equal(scaled.code, 0, scaled.stderr);
  t.match(scaled.stdout.toString(), /mean 0\.5, 0\.5, 0\.5, deviation 0\.2, 0\.3, 0\.4$/mu);
  t.notOk((await weights('scaled')).equals(await weights('model')), 'other preprocessing, other features');

  await writeFile(join(model, 'picture-encoder.onnx'), 'torn');
  const torn = await called(['predict', image(0), '--model', model, ...ENGINE]);
  t.equal(torn.code, 1);
  t.match(torn.stderr, /picture-encoder\.onnx is torn or not the file that model\.json was written with/);
  const exported = await called([
    'export',
    '--onnx',
    join(folder, 'x'),
    '--model',
    join(folder, 'again'),
    ...ENGINE,
  ]);
  t.equal(exported.code, 2);
  t.match(exported.stderr, /not made of graphs alone \(its picture encoder is an ONNX file already\)/);
});

t.test('beside the built-in encoders, and on squares larger than theirs', async (t) => {
  const beside = join(folder, 'beside.json');
  await writeFile(
    beside,
    JSON.stringify({ ...TINY_CDCML, picture: { ...picture, encoders: ['open-nsfw'] } }),
  );
  const path = await encoderFile('large.onnx', { size: 320 });
  const command = args(path, 'beside');
  command[command.indexOf('--settings') + 1] = beside;
  const { code, stdout, stderr } = await called(command);
  t.equal(code, 0, stderr);
  t.match(stdout.toString(), /^beside it: open-nsfw$/mu);
  t.match(await written('beside'), {
    architecture: { settings: { encoders: { picture: /^open-nsfw\/[0-9a-f]{64} onnx\/[0-9a-f]{64}$/ } } },
  });
  t.equal((await predicted(join(folder, 'beside'), image(2))).length, 1);
  const both = await called([...command, '--beside', '--overwrite']);
  t.equal(both.code, 2);
  t.match(
    both.stderr,
    /--beside and picture\.encoders in .*beside\.json both choose encoders; give one of them/,
  );
});

t.test('what can not be used, and what must be given, is answered in one line', async (t) => {
  const good = await encoderFile('good.onnx', {});
  const told = join(folder, 'told.json');
  await writeFile(told, '{"picture": {"onnx": {}}}');
  const cases: [string[], number, RegExp][] = [
    [args(join(folder, 'none.onnx'), 'x'), 1, /none\.onnx can't be read: it does not exist/],
    [args(await encoderFile('text.onnx', 'a text'), 'x'), 1, /text\.onnx is text and no ONNX/],
    [
      args(await encoderFile('nan.onnx', { gain: NaN }), 'x'),
      1,
      /nan\.onnx gives numbers that are not finite/,
    ],
    [args(await encoderFile('free.onnx', { isFreeSize: true }), 'x'), 2, /give --encoder-size, such as 224/],
    [
      args(good, 'x', '--encoder-output', 'pooled'),
      2,
      /gives no output "pooled", only "features".*--encoder-output/,
    ],
    [
      args(good, 'x', '--encoder-mean', '0.5'),
      2,
      /needs both mean and deviation.*give --encoder-mean and --encoder-deviation/,
    ],
    [args(good, 'x', '--epochs', '0'), 2, /settings of the training, epochs: /],
    [args(good, 'x', '--encoder-mean', '128'), 2, /three numbers, or one for all, from 0 to 1/],
    [
      args(good, 'x', '--settings', told),
      2,
      /picture\.onnx: refit reads it from --picture-encoder; leave it out/,
    ],
    [['train', ...args(good, 'x', '--settings', told).slice(3)], 2, /picture\.onnx: refit reads it/],
  ];
  for (const [command, code, message] of cases) {
    const outcome = await refused(command);
    t.match(outcome.stderr, message);
    t.equal(outcome.code, code, outcome.stderr);
    t.match(outcome.stderr, /^(synesthete: engine auto .*\n)?synesthete: .*\n$/, 'one line');
  }
  t.notOk(existsSync(join(folder, 'x')), 'nothing was written');
});
