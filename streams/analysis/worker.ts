import { parentPort } from 'node:worker_threads';
import { CLIP_SAMPLES, createFeatureExtractor } from '../../models/features/index.ts';
import type { Answer, Request } from './messages.ts';

/* The thread in which clips are analysed, so that neither the sound nor the displays ever wait for it. */

const REHEARSALS = 5;

const port = parentPort;
if (port === null) throw new Error('this module runs only as a worker thread');

const extractor = await createFeatureExtractor();
// The first clips take many times as long as later ones, until the engine has compiled what they use.
const rehearsal = Float32Array.from({ length: CLIP_SAMPLES }, (_, i) => Math.sin(i) * Math.sin(i * i));
for (let i = 0; i < REHEARSALS; i++) extractor.extract(rehearsal);
port.on('message', ({ id, samples }: Request) => {
  const begunAtMs = performance.now();
  try {
    const matrix = extractor.extract(samples);
    const answer: Answer = { id, matrix, elapsedMs: performance.now() - begunAtMs };
    port.postMessage(answer, [matrix.buffer as ArrayBuffer]);
  } catch (error) {
    const answer: Answer = { id, error: error instanceof Error ? error : new Error(String(error)) };
    port.postMessage(answer);
  }
});
const ready: Answer = { id: -1, ready: true };
port.postMessage(ready);
