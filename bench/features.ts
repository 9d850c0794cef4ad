import {
  CLIP_SAMPLES,
  createFeatureExtractor,
  createTypescriptKernels,
  FeatureExtractor,
  SAMPLE_RATE_HZ,
  type FeatureStage,
} from '../models/features/index.ts';
import { openEngine } from '../models/engine/index.ts';
import { createGraphExtractor } from '../models/networks/sound/index.ts';
import { formatMs, formatTable, race, summarize, type Summary } from './measure.ts';

/** A chord with a beat every half second: it takes as long as music. */
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

/** Extracts the features and records how long each stage took. */
function stagedRun(extractor: FeatureExtractor, clip: Float32Array, times: StageTimes): () => void {
  const matrix = new Float32Array(193 * 87);
  return () => {
    let last = performance.now();
    const onStage = (stage: FeatureStage): void => {
      const now = performance.now();
      const samples = times.get(stage) ?? [];
      samples.push(now - last);
      times.set(stage, samples);
      last = now;
    };
    extractor.extract(clip, { matrix, onStage });
  };
}

const THREADS = 2;
/** Clips that the graph takes at once, beside one alone. */
const BATCH = 8;

/** The same features as one graph on the cpu provider, beside the kernels, for one clip and for a batch. */
async function benchGraph(): Promise<string> {
  const engine = await openEngine('cpu', { threads: THREADS });
  const kernels = await createFeatureExtractor();
  const rows: string[][] = [];
  for (const batch of [1, BATCH]) {
    const graph = await createGraphExtractor(engine, batch);
    const clips = Array.from({ length: batch }, (_, i) => musicLikeClip(i + 1));
    const times = await race(
      {
        wasm: () => {
          for (const clip of clips) kernels.extract(clip);
        },
        graph: async () => {
          await graph.extract(clips);
        },
      },
      { warmUp: 2, repeats: 12 },
    );
    await graph.close();
    const each = ({ median, p10, p90, runs }: Summary): Summary => ({
      median: median / batch,
      p10: p10 / batch,
      p90: p90 / batch,
      runs,
    });
    const ratio = `${(times.graph.median / times.wasm.median).toFixed(1)} ×`;
    rows.push([`batch ${batch}, each clip`, formatMs(each(times.wasm)), formatMs(each(times.graph)), ratio]);
  }
  return formatTable(['193 × 87', 'WebAssembly, 1 thread', `graph, ${engine.description}`, 'ratio'], rows);
}

/**
 * The features of one clip, stage by stage, on both kernels. One thread; the tables for the clip's tuning exist
 * already.
 */
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
    '',
    await benchGraph(),
  ].join('\n');
}
