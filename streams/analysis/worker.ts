import { once } from 'node:events';
import { SynestheteError, messageOf } from '../../models/errors.ts';
import {
  BEFORE_SAMPLES,
  CLIP_SAMPLES,
  SAMPLE_RATE_HZ,
  checkClip,
  createFeatureExtractor,
  type FeatureRows,
} from '../../models/features/index.ts';
import { PLAIN_ATTENTION, type Model, type Mood } from '../../models/model/index.ts';
import {
  rank,
  allocatePictures,
  type LoadedPictures,
  type MoodSpread,
  type PictureAllocation,
} from '../../models/ranking/index.ts';
import type { Answer, ClipAnswer, Failure, ModelRecipe, Request, WorkerSettings } from './messages.ts';

/*
 * The process in which clips are analysed and matched with pictures, so that neither the sound nor the displays ever
 * wait for it, or end with it.
 */

const WARMUP_RUNS = 5;
const noiseAt = (i: number): number => Math.sin(i) * Math.sin(i * i);
/** The first clips, unlike each other; the others are noise. */
const WARMUP_SOUNDS: readonly ((i: number) => number)[] = [() => 0, (i) => 0.5 * Math.sin(i / 13)];
/** Deviations of the moods of all kinds of music, for a model that says nothing of those it has learnt from. */
const USUAL_SPREAD: Mood = { valence: 0.2, arousal: 0.2 };

// Ctrl-C at a terminal goes to all processes; this one ends with the program, when that has done its last work.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit());
process.title = 'synesthete: analysis';

const [settings] = (await once(process, 'message')) as [WorkerSettings];
let extractor: Awaited<ReturnType<typeof createFeatureExtractor>>;
const fallbacks: string[] = [];
let model: Model | undefined;
let pictures: LoadedPictures | undefined;
/** For those that are coming. */
let room: Promise<PictureAllocation> | undefined;

try {
  extractor = await createFeatureExtractor();
  if (settings.model !== undefined) model = await openModel(settings.model);
  await warmUp();
  process.on('message', answer);
  send({
    kind: 'ready',
    model: model && {
      fingerprint: model.fingerprint,
      folder: model.folder,
      engine: model.engine,
      fallbacks,
      ranking: model.ranking.score,
      width: model.ranking.width,
      music: musicOf(model.description),
      attention: model.description.attention ?? PLAIN_ATTENTION,
    },
  });
} catch (error) {
  send({ kind: 'refused', ...failureOf(error) });
}

/**
 * The first clips take many times as long as later ones, until the engine has compiled what they use. A model that gives
 * no finite numbers for one of them is refused here.
 */
async function warmUp(): Promise<void> {
  const hop = SAMPLE_RATE_HZ / 2;
  for (let i = 0; i < WARMUP_RUNS; i++) {
    // Noise in clips half a second apart, as they come in a show, for what an encoder does when one goes on from another.
    const start = i * hop - BEFORE_SAMPLES;
    const soundAt = WARMUP_SOUNDS[i] ?? noiseAt;
    const sound = Float32Array.from({ length: BEFORE_SAMPLES + CLIP_SAMPLES }, (_, k) => soundAt(start + k));
    await heard(sound.slice(BEFORE_SAMPLES), sound.slice(0, BEFORE_SAMPLES), 'all');
  }
}

function answer(request: Request): void {
  switch (request.kind) {
    case 'pictures':
      room = allocatePictures(request.count, request.width);
      // The answer follows the last part.
      room.catch(() => undefined);
      break;
    case 'part':
      void room!.then(
        (coming) => {
          coming[request.array].set(request.numbers, request.offset);
        },
        () => undefined,
      );
      break;
    case 'load':
      load(request).catch((error: unknown) => {
        fail(request.id, error);
      });
      break;
    case 'analyse':
      analyse(request).catch((error: unknown) => {
        fail(request.id, error);
      });
      break;
    case 'match':
      match(request).catch((error: unknown) => {
        fail(request.id, error);
      });
  }
}

async function load({ id, neighbours, corrected }: Extract<Request, { kind: 'load' }>): Promise<void> {
  const coming = await room!;
  pictures = await coming.load(neighbours, corrected);
  send({ kind: 'loaded', id });
}

function fail(id: number, error: unknown): void {
  send({ kind: 'failed', id, ...failureOf(error) });
}

async function analyse({ id, samples, before, rows }: Extract<Request, { kind: 'analyse' }>): Promise<void> {
  const begunAtMs = performance.now();
  const found = await heard(samples, before, rows);
  const elapsedMs = performance.now() - begunAtMs;
  send({ kind: 'clip', id, ...found, rms: rmsOf(samples), elapsedMs });
}

/** What the model reads in a clip; its features where there is no model. */
async function heard(
  samples: Float32Array,
  before: Float32Array,
  rows: FeatureRows,
): Promise<Pick<ClipAnswer, 'features' | 'prediction'>> {
  if (model === undefined) return { features: extractor.extract(samples, { rows }), prediction: undefined };
  checkClip(samples);
  const needed = model.featureRows;
  const features = needed === 'none' ? new Float32Array() : extractor.extract(samples, { rows: needed });
  const [prediction] = await model.embedClips([{ samples, before, features }]);
  return { features: undefined, prediction };
}

// eslint-disable-next-line @typescript-eslint/require-await -- what it throws must reject, as in analyse
async function match({ id, request }: Extract<Request, { kind: 'match' }>): Promise<void> {
  if (model === undefined) throw new Error('a process without a model can match nothing');
  if (pictures === undefined) throw new Error('the process has no pictures to match with');
  send({ kind: 'match', id, ranked: rank(model.ranking, pictures, request) });
}

function send(message: Answer): void {
  process.send!(message);
}

function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  return error instanceof SynestheteError ? { code: error.code, message, remedy: error.remedy } : { message };
}

async function openModel(recipe: ModelRecipe): Promise<Model> {
  const { open } = (await import(recipe.module)) as {
    open: (settings: unknown, onFallback: (line: string) => void) => Promise<Model>;
  };
  return open(recipe.settings, (line) => fallbacks.push(line));
}

function musicOf({ constant, spread }: Model['description']): MoodSpread {
  return { mean: constant.music, sd: spread?.music ?? USUAL_SPREAD };
}

/** Root mean square without DC, which is no sound. */
function rmsOf(samples: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < samples.length; i++) {
    sum += samples[i]!;
    squares += samples[i]! ** 2;
  }
  const mean = sum / samples.length;
  return Math.sqrt(Math.max(0, squares / samples.length - mean * mean));
}
