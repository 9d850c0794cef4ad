import type { SourceEvent } from '../../../../streams/sources/index.ts';

/** What came of a source: of a block its first sample and its length, of a gap its place, of anything else its state. */
export function layout(events: readonly SourceEvent[]): readonly (string | number | readonly number[])[] {
  return events.map((event) =>
    event.kind === 'block'
      ? [event.startSample, event.samples.length]
      : event.kind === 'gap'
        ? event.atSample
        : event.state,
  );
}
