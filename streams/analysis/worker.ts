import { parentPort, workerData } from 'node:worker_threads';
import { CLIP_SAMPLES, createFeatureExtractor } from '../../models/features/index.ts';
import type { Model } from '../../models/serving/index.ts';
import { rank, type RankedPictures } from '../matching/index.ts';
import type { Answer, ModelRecipe, Request, WorkerSettings } from './messages.ts';

/*
 * The thread in which clips are analysed and matched with pictures, so that neither the sound nor the displays ever
 * wait for it.
 */

const REHEARSALS = 5;

const port = parentPort;
if (port === null) throw new Error('this module runs only as a worker thread');

const settings = workerData as WorkerSettings | undefined;
const extractor = await createFeatureExtractor();
const fallbacks: string[] = [];
const model = settings?.model === undefined ? undefined : await openModel(settings.model);
let pictures: RankedPictures | undefined;

// The first clips take many times as long as later ones, until the engine has compiled what they use.
const rehearsal = Float32Array.from({ length: CLIP_SAMPLES }, (_, i) => Math.sin(i) * Math.sin(i * i));
for (let i = 0; i < REHEARSALS; i++) {
  const matrix = extractor.extract(rehearsal);
  await model?.readClips([heardBy(model, rehearsal, matrix)]);
}

port.on('message', (request: Request) => {
  if (request.kind === 'pictures') {
    pictures = request.pictures;
    return;
  }
  const { id } = request;
  (request.kind === 'analyse' ? analyse(id, request.samples) : match(request)).catch((error: unknown) => {
    send({ kind: 'failed', id, error: error instanceof Error ? error : new Error(String(error)) });
  });
});
send({
  kind: 'ready',
  model: model && {
    fingerprint: model.fingerprint,
    folder: model.folder,
    engine: model.engine,
    fallbacks,
    ranking: model.ranking.score,
    width: model.ranking.width,
  },
});

async function analyse(id: number, samples: Float32Array): Promise<void> {
  const begunAtMs = performance.now();
  const matrix = extractor.extract(samples);
  const reading = (await model?.readClips([heardBy(model, samples, matrix)]))?.[0];
  const elapsedMs = performance.now() - begunAtMs;
  send({ kind: 'clip', id, matrix, reading, rms: rmsOf(samples), elapsedMs }, [matrix.buffer as ArrayBuffer]);
}

function heardBy({ clipInput }: Model, samples: Float32Array, features: Float32Array): Float32Array {
  return clipInput === 'samples' ? samples : features;
}

// eslint-disable-next-line @typescript-eslint/require-await -- what it throws must reject, as in analyse
async function match({ id, request }: Extract<Request, { kind: 'match' }>): Promise<void> {
  if (model === undefined) throw new Error('a thread without a model can match nothing');
  if (pictures === undefined) throw new Error('the thread has no pictures to match with');
  send({ kind: 'match', id, ranked: rank(model.ranking, pictures, request) });
}

function send(answer: Answer, transfer: ArrayBuffer[] = []): void {
  port!.postMessage(answer, transfer);
}

async function openModel(recipe: ModelRecipe): Promise<Model> {
  const { open } = (await import(recipe.module)) as {
    open: (settings: unknown, onFallback: (line: string) => void) => Promise<Model>;
  };
  return open(recipe.settings, (line) => fallbacks.push(line));
}

function rmsOf(samples: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < samples.length; i++) squares += samples[i]! ** 2;
  return Math.sqrt(squares / samples.length);
}
