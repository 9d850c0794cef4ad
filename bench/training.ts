import { Stepper, openEngine } from '../models/engine/index.ts';
import { Graph, reduceMean, square, sub } from '../models/graph/index.ts';
import { LEARNING_RATE, STEP, TrainingGraph, sgd } from '../models/graph/training/index.ts';
import { resnet } from '../models/networks/index.ts';
import { initialState, trainingLayers } from '../models/networks/training/index.ts';
import { againstTarget, wave } from './engine.ts';
import { formatTable, summarize } from './measure.ts';

const THREADS = 2;
const BATCH = 32;
const OUTPUTS = 512;
const STEPS = 8;
/** Clips a second that the median step should reach; PyTorch 1.13 does 27 on two cores. */
const TARGET = 19;

/**
 * Training of ResNet-18 on clips of 193×87: forward, backward and update of a batch by SGD with momentum, as one graph.
 * Processor time sums both threads: what an idle machine would reach.
 */
export async function benchTraining(): Promise<string> {
  const training = new TrainingGraph(new Graph('ResNet-18'));
  const { graph } = training;
  const x = graph.input('x', [BATCH, 3, 193, 87]);
  const target = graph.input('target', [BATCH, OUTPUTS]);
  const loss = reduceMean(square(sub(resnet(trainingLayers(training), x, 18, OUTPUTS), target)));
  const trainable = training.finish(loss, sgd({ momentum: 0.9, weightDecay: 1e-4 }));
  const engine = await openEngine('cpu', { threads: THREADS });
  const session = await engine.load(graph);
  const stepper = new Stepper(session, trainable, initialState(trainable, 1));
  const feeds = { x: wave(x.shape), target: wave(target.shape), [LEARNING_RATE]: wave([]) };
  const rates: number[] = [];
  let processor = Infinity;
  for (let step = 0; step <= STEPS; step++) {
    const used = process.cpuUsage();
    const started = performance.now();
    await stepper.step({ ...feeds, [STEP]: wave([]) });
    if (step === 0) continue;
    rates.push((1000 * BATCH) / (performance.now() - started));
    const { user, system } = process.cpuUsage(used);
    processor = Math.min(processor, (user + system) / 1e6);
  }
  await session.close();
  const { median } = summarize(rates);
  return formatTable(
    ['clips a second', 'median', 'best', 'by processor time', 'target', 'reached'],
    [
      [
        `ResNet-18 193×87, batch ${BATCH}, ${engine.description}`,
        median.toFixed(1),
        Math.max(...rates).toFixed(1),
        ((THREADS * BATCH) / processor).toFixed(1),
        ...againstTarget(median, TARGET),
      ],
    ],
  );
}
