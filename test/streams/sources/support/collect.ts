import type { Block, Source, SourceEvent, SourceStatus } from '../../../../streams/sources/index.ts';

export interface Collected {
  readonly events: SourceEvent[];
  readonly blocks: Block[];
  readonly statuses: SourceStatus[];
  /** All blocks joined. */
  readonly samples: Float32Array;
}

/** Everything that a source gives until it completes; rejects with its error. */
export function collect(source: Source): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const events: SourceEvent[] = [];
    source.events.subscribe({
      next: (event) => events.push(event),
      error: reject,
      complete: () => {
        resolve(sort(events));
      },
    });
  });
}

function sort(events: SourceEvent[]): Collected {
  const blocks = events.filter((event) => event.kind === 'block');
  const statuses = events.filter((event) => event.kind === 'status');
  const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.samples.length, 0));
  let at = 0;
  for (const block of blocks) {
    samples.set(block.samples, at);
    at += block.samples.length;
  }
  return { events, blocks, statuses, samples };
}
