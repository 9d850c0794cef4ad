import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../support/tiny-dataset.ts';
import { called } from './called.ts';
import { refused } from './refused.ts';
import { MAIN } from './run.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const data = await tinyDataset(join(folder, 'data'), { train: 8, val: 3 });
const weights = await tinyBackbone(join(folder, 'resnet50.safetensors'));
const settings = join(folder, 'settings.json');
await writeFile(settings, JSON.stringify({ ...TINY_SETTINGS, epochs: 20, patience: 20, decayEpochs: 5 }));

function args(out: string, ...more: string[]): string[] {
  return [
    ...['train', '--end-to-end', '--images', data.images, '--music', data.music, '--image-weights', weights],
    ...['--settings', settings, '--out', join(folder, out), '--cache', join(folder, 'cache')],
    ...['--engine', 'cpu', '--threads', '1', '--checkpoint-seconds', '0', ...more],
  ];
}

/** The number of lines of metrics.jsonl that ends with a whole line, 0 before there is one. */
async function linesOf(out: string): Promise<number> {
  const text = await readFile(join(folder, out, 'metrics.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}

/** Runs until so many lines were added, and kills with SIGKILL; false if it ended before. */
async function killedAfter(out: string, lines: number, resume: boolean): Promise<boolean> {
  const before = await linesOf(out);
  const child = spawn(process.execPath, [MAIN, ...args(out, ...(resume ? ['--resume'] : []))], {
    stdio: 'ignore',
    env: { ...process.env, NODE_V8_COVERAGE: '' },
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (_, signal) => {
      resolve(signal);
    });
  });
  const watch = setInterval(() => {
    void linesOf(out).then((now) => {
      if (now >= before + lines) child.kill('SIGKILL');
    });
  }, 3);
  const signal = await ended;
  clearInterval(watch);
  return signal === 'SIGKILL';
}

t.test(
  'killed five times at random and resumed: the uninterrupted training’s weights, bit for bit',
  async (t) => {
    const whole = await called(args('whole', '--json'));
    t.equal(whole.code, 0, whole.stderr);
    const result = JSON.parse(whole.stdout.toString()) as { engine: string; steps: number };
    t.match(result.engine, /^cpu \(/);
    t.equal(result.steps, 40);

    let kills = 0;
    for (let attempt = 0; attempt < 5; attempt++) {
      // Where in a step, a checkpoint or a validation the signal arrives, chance decides.
      if (await killedAfter('killed', 1 + Math.floor(5 * Math.random()), attempt > 0)) kills++;
    }
    t.ok(kills >= 4, `${kills} kills`);
    const resumed = await called(args('killed', '--resume'));
    t.equal(resumed.code, 0, resumed.stderr);
    for (const file of ['weights.safetensors', 'metrics.jsonl']) {
      const [found, expected] = await Promise.all(
        ['killed', 'whole'].map((out) => readFile(join(folder, out, file))),
      );
      t.ok(found!.equals(expected!), `${file} is the same`);
    }
  },
);

t.test('Ctrl-C writes a checkpoint and says how to go on', async (t) => {
  const out = 'interrupted';
  // It never ends before the signal comes.
  const endless = join(folder, 'endless.json');
  await writeFile(endless, JSON.stringify({ ...TINY_SETTINGS, epochs: 10_000, patience: 10_000 }));
  const child = spawn(process.execPath, [MAIN, ...args(out, '--settings', endless)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const watch = setInterval(() => {
    void linesOf(out).then((lines) => {
      // Several looks may be under way; a second signal would end it at once.
      if (lines < 2 || child.killed) return;
      clearInterval(watch);
      child.kill('SIGINT');
    });
  }, 3);
  const code = await new Promise((resolve) => child.on('close', resolve));
  t.equal(code, 130);
  const [, command] = /^synesthete: interrupted; go on with: synesthete (train --resume .*)$/mu.exec(stderr)!;
  t.ok(existsSync(join(folder, out, 'checkpoint.safetensors')));
  const resumed = await called([...command!.split(' '), '--max-minutes', '0.001']);
  t.equal(resumed.code, 0, `${command} goes on: ${resumed.stderr}`);
});

t.test('misuses are reported in one line, with exit code 2', async (t) => {
  await writeFile(join(folder, 'unknown.json'), '{"learningrate": 1}');
  const unit = join(folder, 'unit.json');
  await writeFile(unit, '{"unitLength": true}');
  const cases: [string[], RegExp][] = [
    [['train', '--out', 'x'], /train needs --images and --music/],
    [['train', '--out', 'x', '--images', data.images], /both --images and --music are needed/],
    [args('x', '--system', 'gpt'), /there is no system "gpt"; choose one of cdcml, sp-net, l3-net, acp-net/],
    [args('x', '--terms', 'sim,vad'), /settings of the training: terms\.1: /],
    [args('x', '--system', 'sp-net', '--terms', 'sim'), /sp-net has no term sim; its terms are va/],
    [args('x', '--micro-batch', '5'), /microBatch 5 does not divide batch 8/],
    [
      args('x', '--system', 'sp-net', '--settings', unit),
      /sp-net compares no embeddings.*leave unitLength out/,
    ],
    [
      args('x', '--settings', join(folder, 'unknown.json')),
      /there is no setting "learningrate"; known are system, /,
    ],
    [args('x', '--settings', data.images), /images\.csv is no JSON object of settings/],
    [args('x', '--splits', 'train'), /--splits is for trainings on frozen encoders: leave it out/],
    [args('x', '--overwrite'), /--overwrite is for trainings on frozen encoders/],
    [args('x', '--try', 'tries.json'), /--try is for trainings on frozen encoders/],
    [args('x', '--images', data.images, data.images), /--images takes one manifest end to end, not 3/],
    [args('x', '--threads', '0'), /--threads.*It must be a whole number from 1 to 1024/],
    [args('x', '--threads', '1.5'), /--threads.*It must be a whole number from 1 to 1024/],
    [args('x', '--memory', '-5'), /--memory.*It must be a number above 0/],
    [args('x', '--max-minutes', '0'), /--max-minutes.*It must be a number above 0/],
    [args('x', '--checkpoint-seconds=-5'), /--checkpoint-seconds.*It must be a number, 0 or above/],
  ];
  for (const [command, message] of cases) {
    const { code, stderr } = await refused(command);
    t.equal(code, 2, stderr);
    t.match(stderr, message);
    t.equal(stderr.trim().split('\n').length, 1);
  }
  t.notOk(existsSync(join(folder, 'x')), 'nothing was written');
});

t.test('a missing file of a manifest is reported before anything is trained', async (t) => {
  const images = join(folder, 'data', 'missing.csv');
  await writeFile(images, `${await readFile(data.images, 'utf8')}gone.png,0.5,0.5,train\n`);
  const { code, stderr } = await called(args('missing').map((arg) => (arg === data.images ? images : arg)));
  t.equal(code, 1);
  t.match(stderr, /missing\.csv, line 13: .*gone\.png does not exist/);
});
