import { SynestheteError } from '../../errors.ts';
import type { Shape } from '../../graph/index.ts';
import { peakBytes } from '../../graph/training/index.ts';
import { clipShape, pictureShape } from '../../networks/index.ts';
import type { Run } from './run.ts';
import type { TrainingStep } from './step.ts';

/** Parts of the free memory that features of clips may take. */
const STORE_PART = 0.25;
const MOST_STORE_BYTES = 2 * 2 ** 30;
/** An engine's own memory (packed kernels, columns of convolutions), as a part of the tensors of the graph. */
const ENGINE_PART = 0.3;
/** One in use, two in preparation, and pixels being decoded. */
const BATCHES_AT_ONCE = 4;
/** Node itself, the engine's code, decoders. */
const BASE_BYTES = 300 * 2 ** 20;

/**
 * Reports the memory that a training needs.
 * @returns the bytes that features of clips may take
 * @throws SynestheteError NO_MEMORY
 */
export function tellMemory(
  { settings, system, request, context }: Pick<Run, 'settings' | 'system' | 'request' | 'context'>,
  step: TrainingStep,
): number {
  const free = request.memoryBytes ?? process.availableMemory();
  const budgetBytes = Math.min(free * STORE_PART, MOST_STORE_BYTES);
  const { whole, micro } = step;
  const graphs = [whole.graph, ...(micro ? [micro.forward, micro.backward.graph] : [])];
  const graphBytes = graphs.reduce((sum, graph) => sum + peakBytes(graph), 0) * (1 + ENGINE_PART);
  const batchBytes = 4 * settings.batch * (sizeOf(pictureShape(system)) + sizeOf(clipShape(system)));
  const needed = graphBytes + BATCHES_AT_ONCE * batchBytes + BASE_BYTES;
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  context.notice(
    `memory: about ${gigabytes(needed)} for a micro-batch of ${settings.microBatch}, up to ${gigabytes(budgetBytes)} for features of clips; ${gigabytes(free)} are free`,
  );
  if (needed <= free) return budgetBytes;
  throw new SynestheteError(
    'NO_MEMORY',
    `a micro-batch of ${settings.microBatch} pictures and clips needs about ${gigabytes(needed)}, ${gigabytes(free)} are free`,
    { remedy: { kind: 'smaller-micro-batch', batch: settings.batch } },
  );
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}
