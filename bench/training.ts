import { Stepper, openEngine } from '../models/engine/index.ts';
import type { NamedValues, Value } from '../models/engine/index.ts';
import {
  Graph,
  LEARNING_RATE,
  STEP,
  TrainingGraph,
  reduceMean,
  sgd,
  square,
  sub,
} from '../models/graph/index.ts';
import type { Shape } from '../models/graph/index.ts';
import { initialState, resnet, trainingLayers } from '../models/networks/index.ts';

const BATCH = 32;
const OUTPUTS = 512;

export function noise(shape: Shape): Value {
  const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i * 12.9898) * 1.7;
  return { dtype: 'float32', shape, data };
}

function scalar(value: number): Value {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

/** Clips a second in training ResNet-18 on 193×87 features at batch 32 with SGD: forward, backward and update. */
export async function resnet18ClipsPerSecond(steps: number, threads: number): Promise<number[]> {
  const training = new TrainingGraph(new Graph('ResNet-18'));
  const { graph } = training;
  const x = graph.input('x', [BATCH, 3, 193, 87]);
  const target = graph.input('target', [BATCH, OUTPUTS]);
  const loss = reduceMean(square(sub(resnet(trainingLayers(training), x, 18, OUTPUTS), target)));
  const evolving = training.finish(loss, sgd({ momentum: 0.9, weightDecay: 1e-4 }));
  const engine = await openEngine('cpu', { threads });
  const session = await engine.load(graph);
  const stepper = new Stepper(session, evolving, initialState(evolving, 1));
  const rates: number[] = [];
  for (let i = 0; i <= steps; i++) {
    const feeds: NamedValues = {
      x: noise(x.shape),
      target: noise(target.shape),
      [LEARNING_RATE]: scalar(1e-3),
      [STEP]: scalar(i + 1),
    };
    const started = performance.now();
    await stepper.step(feeds);
    if (i > 0) rates.push((1000 * BATCH) / (performance.now() - started));
  }
  await session.close();
  return rates;
}
