import type { Engine, Session, Value } from '../engine/index.ts';
import { SAMPLE_RATE_HZ } from '../features/index.ts';
import { Graph, concat } from '../graph/index.ts';
import type { Shape, Tensor } from '../graph/index.ts';
import { inferenceLayers } from '../networks/index.ts';
import type { Layers, Weights } from '../networks/index.ts';
import { WINDOW_SAMPLES } from './clip-window.ts';
import {
  TIMBRAL_CHANNELS,
  TIMBRAL_REACH,
  musicnnBack,
  normalisedPatch,
  timbralFrames,
} from './musicnn-network.ts';
import type { MusicnnOutputs } from './musicnn-network.ts';
import { EDGE_FRAMES, PATCH_BANDS, PATCH_FRAMES, isFullOfSound, musicnnPatch } from './musicnn-patch.ts';

/** The shortest time with whole samples and whole frames, 0.5 s, in both units. */
const STEP_SAMPLES = SAMPLE_RATE_HZ / 2;
const STEP_FRAMES = 32;
/** Windows further apart than 2 s share too little to be worth a session of their own. */
const MOST_STEPS = 4;

/**
 * Timbral frames of a window that the next one may reuse: none that depends on the zeros around the patch or on its
 * edge frames.
 */
const FIRST_KEPT = TIMBRAL_REACH;
const END_KEPT = PATCH_FRAMES - EDGE_FRAMES - TIMBRAL_REACH;

/** The order of the features. */
export function joinedOutputs({ penultimate, mean, max }: MusicnnOutputs): Tensor {
  return concat([penultimate, mean, max], 1);
}

interface Heard {
  readonly window: Float32Array;
  readonly isFull: boolean;
  /** [408, 187] */
  readonly timbral: Float32Array;
}

/**
 * musicnn for successive windows. When a window continues the previous one, 0.5 s to 2 s later and with the same
 * samples bit for bit, it computes the timbral layers, more than half of the work, only for the new frames and the
 * edges. The result is the same as for a single window, bit for bit on the cpu.
 */
export class MusicnnStream {
  readonly #engine: Engine;
  readonly #weights: Weights;
  readonly #patch: Session;
  readonly #back: Session;
  /** The timbral layers, by the number of their frames. */
  readonly #timbral = new Map<number, Session>();
  #last: Heard | undefined;
  /** Settles when the previous window has been computed. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(engine: Engine, weights: Weights, patch: Session, back: Session) {
    this.#engine = engine;
    this.#weights = weights;
    this.#patch = patch;
    this.#back = back;
  }

  /** @throws SynestheteError OTHER_ARCHITECTURE for other weights, ENGINE_FAILED */
  static async open(engine: Engine, weights: Weights): Promise<MusicnnStream> {
    const patch = graphOf(weights, { samples: [1, WINDOW_SAMPLES] }, (layers, { samples }) =>
      normalisedPatch(layers, musicnnPatch(samples!)),
    );
    const inputs = { normal: PATCH_SHAPE, timbral: [1, TIMBRAL_CHANNELS, PATCH_FRAMES] };
    const back = graphOf(weights, inputs, (layers, { normal, timbral }) =>
      joinedOutputs(musicnnBack(layers, normal!, timbral!)),
    );
    return new MusicnnStream(engine, weights, await engine.load(patch), await engine.load(back));
  }

  /**
   * Calls run one after the other.
   * @param window 3 s, 66,150 samples; see `windowOf`. It is kept until the next call and must not change.
   * @returns penultimate (200), mean (753), max (753)
   * @throws SynestheteError ENGINE_FAILED
   */
  encode(window: Float32Array): Promise<Float32Array> {
    const encoded = this.#queue.then(() => this.#encode(window));
    this.#queue = encoded.catch(() => undefined);
    return encoded;
  }

  async #encode(window: Float32Array): Promise<Float32Array> {
    const normal = await run(this.#patch, { samples: value([1, WINDOW_SAMPLES], window) });
    const isFull = isFullOfSound(window);
    const steps = isFull ? this.#stepsSince(window) : 0;
    const timbral =
      steps === 0
        ? await this.#timbralOf(paddedRows(normal, 0, PATCH_FRAMES))
        : await this.#continued(normal, this.#last!.timbral, steps * STEP_FRAMES);
    this.#last = { window, isFull, timbral };
    const features = await run(this.#back, {
      normal: value(PATCH_SHAPE, normal),
      timbral: value([1, TIMBRAL_CHANNELS, PATCH_FRAMES], timbral),
    });
    return features.slice();
  }

  /** Steps from the last window to this one; 0 when it does not continue the last one. */
  #stepsSince(window: Float32Array): number {
    const last = this.#last;
    if (last?.isFull !== true) return 0;
    for (let steps = 1; steps <= MOST_STEPS; steps++) {
      if (startsWith(window, last.window.subarray(steps * STEP_SAMPLES))) return steps;
    }
    return 0;
  }

  /** The timbral layers of a patch that equals the last one shifted by `shift` frames. */
  async #continued(normal: Float32Array, before: Float32Array, shift: number): Promise<Float32Array> {
    const kept = END_KEPT - shift;
    const tail = PATCH_FRAMES - kept;
    const head = FIRST_KEPT;
    const first = await this.#timbralOf(paddedRows(normal, 0, head));
    const last = await this.#timbralOf(paddedRows(normal, kept, tail));
    const timbral = new Float32Array(TIMBRAL_CHANNELS * PATCH_FRAMES);
    for (let channel = 0; channel < TIMBRAL_CHANNELS; channel++) {
      const row = timbral.subarray(channel * PATCH_FRAMES, (channel + 1) * PATCH_FRAMES);
      const former = channel * PATCH_FRAMES + shift;
      row.set(first.subarray(channel * head, (channel + 1) * head));
      row.set(before.subarray(former + head, former + kept), head);
      row.set(last.subarray(channel * tail, (channel + 1) * tail), kept);
    }
    return timbral;
  }

  async #timbralOf(rows: Float32Array): Promise<Float32Array> {
    const shape = [1, rows.length / PATCH_BANDS, PATCH_BANDS];
    let session = this.#timbral.get(rows.length);
    if (session === undefined) {
      const graph = graphOf(this.#weights, { rows: shape }, (layers, inputs) =>
        timbralFrames(layers, inputs['rows']!),
      );
      session = await this.#engine.load(graph);
      this.#timbral.set(rows.length, session);
    }
    return run(session, { rows: value(shape, rows) });
  }

  /** Frees the memory. */
  async close(): Promise<void> {
    await this.#queue;
    await Promise.all([this.#patch, this.#back, ...this.#timbral.values()].map((session) => session.close()));
  }
}

const PATCH_SHAPE = [1, PATCH_FRAMES, PATCH_BANDS];

function graphOf(
  weights: Weights,
  inputs: Readonly<Record<string, Shape>>,
  build: (layers: Layers, inputs: Readonly<Record<string, Tensor>>) => Tensor,
): Graph {
  const graph = new Graph('musicnn');
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => [name, graph.input(name, shape)]),
  );
  graph.output('result', build(inferenceLayers(graph, weights), tensors));
  return graph;
}

function value(shape: Shape, data: Float32Array): Value {
  return { dtype: 'float32', shape, data };
}

async function run(session: Session, feeds: Readonly<Record<string, Value>>): Promise<Float32Array> {
  return (await session.run(feeds))['result']!.data as Float32Array;
}

/**
 * The input of the timbral layers for `count` frames from `first`: 3 more rows on either side, zeros around the patch.
 */
function paddedRows(normal: Float32Array, first: number, count: number): Float32Array {
  const rows = new Float32Array((count + 2 * TIMBRAL_REACH) * PATCH_BANDS);
  const from = Math.max(0, first - TIMBRAL_REACH);
  const to = Math.min(PATCH_FRAMES, first + count + TIMBRAL_REACH);
  rows.set(
    normal.subarray(from * PATCH_BANDS, to * PATCH_BANDS),
    (from - first + TIMBRAL_REACH) * PATCH_BANDS,
  );
  return rows;
}

function startsWith(samples: Float32Array, start: Float32Array): boolean {
  for (let i = 0; i < start.length; i++) if (samples[i] !== start[i]) return false;
  return true;
}
