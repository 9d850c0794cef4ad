import {
  CLIP_SAMPLES,
  createFeatureExtractor,
  createTypescriptKernels,
  FeatureExtractor,
  SAMPLE_RATE_HZ,
  type FeatureStage,
} from '../models/features/index.ts';
import { formatMs, formatTable, race, summarize, type Summary } from './measure.ts';

/** A chord with a beat on every half second: nothing in it is faster or slower than in music. */
function musicLikeClip(seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: CLIP_SAMPLES }, (_, n) => {
    const t = n / SAMPLE_RATE_HZ;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    let sum = (0.3 * Math.exp(-20 * (t % 0.5)) * state) / 2 ** 31;
    for (const hz of [110, 220, 277.2, 329.6, 440]) sum += 0.1 * Math.sin(2 * Math.PI * hz * t);
    return sum;
  });
}

type StageTimes = Map<FeatureStage, number[]>;

/** Extracts, and notes how long each stage took. */
function stagedRun(extractor: FeatureExtractor, clip: Float32Array, times: StageTimes): () => void {
  const matrix = new Float32Array(193 * 87);
  return () => {
    let last = performance.now();
    extractor.extract(clip, matrix, (stage) => {
      const now = performance.now();
      const samples = times.get(stage) ?? [];
      samples.push(now - last);
      times.set(stage, samples);
      last = now;
    });
  };
}

/** The features of one clip, stage by stage, on both kernels. One thread; tables for the clip's tuning are made. */
export async function benchFeatures(): Promise<string> {
  const clip = musicLikeClip(1);
  const repeats = 40;
  const wasmTimes: StageTimes = new Map();
  const typescriptTimes: StageTimes = new Map();
  const whole = await race(
    {
      wasm: stagedRun(await createFeatureExtractor(), clip, wasmTimes),
      typescript: stagedRun(new FeatureExtractor(createTypescriptKernels()), clip, typescriptTimes),
    },
    { warmUp: 10, repeats },
  );
  const row = (name: string, wasm: Summary, typescript: Summary): string[] => [
    name,
    formatMs(wasm),
    formatMs(typescript),
    `${(typescript.median / wasm.median).toFixed(1)} ×`,
  ];
  const rows = [...wasmTimes.keys()].map((stage) => {
    const counted = (times: StageTimes): Summary => summarize((times.get(stage) ?? []).slice(-repeats));
    return row(stage, counted(wasmTimes), counted(typescriptTimes));
  });
  rows.push(row('193 × 87', whole.wasm, whole.typescript));
  const realTime = (CLIP_SAMPLES / SAMPLE_RATE_HZ / 4 / whole.wasm.median) * 1000;
  return [
    formatTable(['stage', 'WebAssembly', 'TypeScript', 'ratio'], rows),
    `at a hop of 0.5 s: ${realTime.toFixed(0)} times real time on one thread`,
  ].join('\n');
}
