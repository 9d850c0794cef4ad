import {
  PICTURE_ENCODERS,
  PICTURE_ENCODER_NAMES,
  PICTURE_SQUARE,
  readEncoderWeights,
} from '../models/encoders/index.ts';
import type { PictureEncoderName } from '../models/encoders/index.ts';
import { openEngine } from '../models/engine/index.ts';
import type { Engine, Value } from '../models/engine/index.ts';
import { Graph, sizeOf } from '../models/graph/index.ts';
import type { Shape } from '../models/graph/index.ts';
import { TrainingGraph } from '../models/graph/training/index.ts';
import { inferenceLayers, resnet } from '../models/networks/index.ts';
import type { ResNetDepth, Weights } from '../models/networks/index.ts';
import { initialState, trainingLayers } from '../models/networks/training/index.ts';
import { formatTable, summarize } from './measure.ts';

const THREADS = 2;
const OUTPUTS = 512;
const RUNS = 30;

/** A value of that shape, the same in every run; a scalar is small, like a learning rate. */
export function wave(shape: Shape): Value {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin((i + 1) * 12.9898) * 0.01);
  return { dtype: 'float32', shape, data };
}

function randomWeights(depth: ResNetDepth): Weights {
  const training = new TrainingGraph(new Graph());
  resnet(trainingLayers(training), training.graph.input('x', [2, 3, 33, 33]), depth, OUTPUTS);
  const named = [...training.graph.inputs].flatMap(([input, { shape }]) =>
    input === 'x' ? [] : [{ input, shape }],
  );
  const initial = initialState(named, 1);
  return Object.fromEntries(
    named.map(({ input, shape }) => [
      input,
      { shape, data: initial[input] ?? new Float32Array(sizeOf(shape)) },
    ]),
  );
}

/**
 * Times a graph of one input `x`, whose first axis is the batch.
 * @param target Clips or pictures a second that it should reach, if there is a goal.
 */
async function row(engine: Engine, name: string, graph: Graph, target?: number): Promise<string[]> {
  const session = await engine.load(graph);
  const { shape } = graph.inputs.get('x')!;
  const x = wave(shape);
  const batch = shape[0]!;
  const milliseconds: number[] = [];
  let processor = Infinity;
  for (let run = -3; run < RUNS; run++) {
    const used = process.cpuUsage();
    const started = performance.now();
    await session.run({ x });
    if (run < 0) continue;
    milliseconds.push((performance.now() - started) / batch);
    const { user, system } = process.cpuUsage(used);
    processor = Math.min(processor, (user + system) / 1e3 / THREADS / batch);
  }
  await session.close();
  const { median } = summarize(milliseconds);
  const best = Math.min(...milliseconds);
  return [
    `${name}, batch ${batch}`,
    median.toFixed(1),
    best.toFixed(1),
    processor.toFixed(1),
    (1000 / best).toFixed(1),
    ...againstTarget(1000 / best, target),
  ];
}

function resnetGraph(depth: ResNetDepth, shape: Shape): Graph {
  const graph = new Graph();
  const layers = inferenceLayers(graph, randomWeights(depth));
  graph.output('y', resnet(layers, graph.input('x', shape), depth, OUTPUTS));
  return graph;
}

async function encoderGraph(name: PictureEncoderName, batch: number): Promise<Graph> {
  const graph = new Graph();
  const pixels = graph.input('x', [batch, PICTURE_SQUARE, PICTURE_SQUARE, 3]);
  const { features, unsafe } = PICTURE_ENCODERS[name].build(pixels, await readEncoderWeights(name));
  graph.output('features', features);
  if (unsafe) graph.output('unsafe', unsafe);
  return graph;
}

/** The target, and the part of it that was reached. */
export function againstTarget(rate: number, target: number | undefined): string[] {
  return target === undefined ? ['', ''] : [target.toFixed(1), `${(rate / target).toFixed(2)} ×`];
}

/** Inference on the cpu provider, batch normalisation folded. */
export async function benchEngine(): Promise<string> {
  const engine = await openEngine('cpu', { threads: THREADS });
  const rows = [
    await row(engine, 'ResNet-18 193×87', resnetGraph(18, [1, 3, 193, 87]), 1000 / 15),
    await row(engine, 'ResNet-18 193×87', resnetGraph(18, [8, 3, 193, 87])),
    await row(engine, 'ResNet-50 224×224', resnetGraph(50, [1, 3, 224, 224]), 17),
    await row(engine, 'ResNet-50 224×224', resnetGraph(50, [4, 3, 224, 224]), 17),
  ];
  for (const name of PICTURE_ENCODER_NAMES) {
    for (const batch of [1, 8]) rows.push(await row(engine, name, await encoderGraph(name, batch)));
  }
  const header = [
    `ms each, ${engine.description}`,
    'median',
    'best',
    'by processor time',
    'best, a second',
    'target',
    'reached',
  ];
  return formatTable(header, rows);
}
