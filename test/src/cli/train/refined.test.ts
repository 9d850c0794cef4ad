import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { TINY_CDCML } from '../../../models/training/on-encoders/formula-files.ts';
import { startLive } from '../../../support/live-program.ts';
import { onnxEncoder } from '../../../support/onnx-encoder.ts';
import '../../../support/shared-sessions.ts';
import { tinyDataset } from '../../../support/tiny-dataset.ts';
import { called } from '../called.ts';

/* What a refined model shares with the rest of the program: an encoder of one's own, explanations, songs, a show. */

t.setTimeout(600_000);

const folder = t.testdir({});
const at = (...names: string[]) => join(folder, ...names);
const data = await tinyDataset(at('data'), { train: 9, val: 3 });
const ENGINE = ['--engine', 'cpu', '--threads', '1'];
await writeFile(at('settings.json'), JSON.stringify({ ...TINY_CDCML, picture: { ...TINY_CDCML.picture, encoders: ['open-nsfw'] } })); // prettier-ignore
await writeFile(at('own.onnx'), onnxEncoder({ metadata: { mean: '0.5', std: '0.5' } }));
for (let i = 0; i < 12; i++) await cp(at('data', `images${i}.png`), at('gallery', `${i}.png`));
await writeFile(at('gallery', 'moods.csv'), 'file,valence,arousal\n0.png,0.1,0.9\n1.png,0.9,\n');

async function ok(...command: string[]) {
  const { code, stdout, stderr } = await called([...command, ...ENGINE]);
  t.equal(code, 0, stderr);
  return { stdout: stdout.toString(), stderr };
}

interface Read {
  readonly kind: string;
  readonly valence: number;
  readonly arousal: number;
  readonly by?: object;
  readonly explanation?: {
    readonly mean: { readonly valence: number };
    readonly encoders: readonly { readonly push: { readonly valence: number } }[];
  };
}

async function predicted(model: string, file: string, ...more: string[]): Promise<Read[]> {
  const { stdout } = await ok('predict', file, '--json', '--model', at(model), ...more);
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Read); // prettier-ignore
}

await ok(
  ...['refit', '--picture-encoder', at('own.onnx'), '--images', data.images, '--music', data.music],
  ...['--settings', at('settings.json'), '--out', at('base'), '--cache', at('cache')],
);
await ok('index', at('gallery'), '--allow-blank', '--model', at('base'));
const refined = await ok('train', '--refine', at('gallery'), '--model', at('base'), '--out', at('mine'));
const picture = at('gallery', '0.png');

t.test('its folder holds the encoder, and its figures say that they are those of the base', async (t) => {
  const encoder = await readFile(at('own.onnx'));
  t.ok(encoder.equals(await readFile(at('mine', 'picture-encoder.onnx'))));
  const described = async (model: string) =>
    JSON.parse(await readFile(at(model, 'model.json'), 'utf8')) as { metrics: Record<string, unknown> };
  const { metrics } = await described('mine');
  t.same(
    Object.keys(metrics).sort(),
    ['base', 'taste'],
    'it has no figures of its own but those of the taste',
  );
  t.same(metrics['base'], (await described('base')).metrics);
  t.match(metrics['taste'], { reference: { inSample: true } });
  t.match(refined.stderr, /the bound is held on \d+ pictures .*: of fewer than 50 it says little/);
  t.match(refined.stdout, /in-sample: it has learnt from them\nother figures .* are of the model before/);
  const evaluated = await ok(
    ...['evaluate', '--images', data.images, '--split', 'val', '--model', at('mine'), '--no-cache'],
  );
  t.match(
    evaluated.stderr,
    /was trained on moods by hand of 2 pictures \(gallery\): where they are among those/,
  );
  const { stdout } = await ok(
    ...['evaluate', '--images', data.images, '--split', 'val', '--model', at('mine'), '--json', '--no-cache'],
  );
  t.match(JSON.parse(stdout), { inSample: true, byHand: [{ name: 'gallery', files: 2 }] });
});

t.test('its readings and its explanations are of the model with the taste', async (t) => {
  const [before] = await predicted('base', picture);
  const [after] = await predicted('mine', picture);
  const off = ({ valence, arousal }: Read) => Math.hypot(valence - 0.1, arousal - 0.9);
  t.ok(off(after!) < off(before!), `${off(after!)}, before ${off(before!)}`);
  const [explained] = await predicted('mine', picture, '--explain');
  t.ok(Math.abs(explained!.valence - after!.valence) < 1e-4, 'explained it is the same reading');
  const { mean, encoders } = explained!.explanation!;
  t.equal(encoders.length, 2, 'open-nsfw and the encoder of one’s own');
  const sum = encoders.reduce((total, { push }) => total + push.valence, mean.valence);
  t.ok(Math.abs(sum - explained!.valence) < 2e-3, `${sum}, not ${explained!.valence}`);
});

t.test('music is heard as before, and moods of songs win over it', async (t) => {
  const song = at('data', 'music0.wav');
  const heard = await predicted('base', song);
  t.same(await predicted('mine', song), heard, 'a taste is of pictures alone');
  await cp(song, at('songs', 'a.wav'));
  await writeFile(at('songs', 'moods.csv'), 'file,valence,arousal,start,end\na.wav,0.75,,,\n');
  const own = await predicted('mine', at('songs', 'a.wav'));
  t.equal(own.length, heard.length);
  own.forEach((read, i) => {
    t.match(read, { valence: 0.75, by: { valence: 'hand', arousal: 'model' } });
    t.ok(Math.abs(read.arousal - heard[i]!.arousal) < 1e-6);
  });
});

t.test('a show switches between the two', async (t) => {
  const { stdout } = await ok('index', at('gallery'), '--allow-blank', '--model', at('mine'), '--json');
  t.match(JSON.parse(stdout), { pictures: 12, read: 0 });
  const live = await startLive(
    t,
    ...[at('data', 'music0.wav'), '--loop', '--gallery', at('gallery'), '--port', '0', '--threads', '1'],
    ...['--model', at('base'), '--other-model', at('mine'), '--state', at('show.json')],
  );
  for (const name of ['mine', 'base', 'mine']) {
    await live.control({ control: 'model', model: at(name) });
    const { status, message } = await live.state();
    t.match(status, { modelName: name, model: { folder: name } });
    t.type(message.show.image.id, 'string');
  }
});
