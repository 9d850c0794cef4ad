import {
  deviceSource,
  type Block,
  type SourceEvent,
  type SourceStatus,
} from '../../../../streams/sources/index.ts';
import type { DeviceSourceOptions } from '../../../../streams/sources/device.ts';

/** Listens, and lets a test wait for what comes next. */
export function listen(name: string, options: DeviceSourceOptions = {}) {
  const events: SourceEvent[] = [];
  let failure: unknown;
  let notify: () => void = () => undefined;
  const subscription = deviceSource(name, options).events.subscribe({
    next: (event) => {
      events.push(event);
      notify();
    },
    error: (error: unknown) => {
      failure = error;
      notify();
    },
  });
  /** Resolves once `holds`, which is asked after each event. */
  const seen = async (holds: () => boolean) => {
    while (!holds()) {
      if (failure !== undefined) throw failure as Error;
      await new Promise<void>((resolve) => (notify = resolve));
    }
  };
  const blocks = () => events.filter((event): event is Block => event.kind === 'block');
  return {
    events,
    blocks,
    seen,
    /** Waits until sound of this device comes that was not there before. @returns what was said of it */
    hears: async (device: string) => {
      const from = events.length;
      await seen(() => {
        const said = events.findLastIndex((event) => event.kind === 'status');
        const status = events[said];
        return (
          status?.kind === 'status' &&
          status.state === 'delivering' &&
          status.device?.name === device &&
          events.length > Math.max(from, said + 5)
        );
      });
      return events.findLast((event) => event.kind === 'status')!;
    },
    /** Waits until something of this kind comes that was not there before. */
    next: async (state: string) => {
      const from = events.length;
      const matches = (event: SourceEvent): event is SourceStatus =>
        event.kind === 'status' && event.state === state;
      await seen(() => events.slice(from).some(matches));
      return events.slice(from).find(matches)!;
    },
    samples: () => {
      const all = blocks();
      const joined = new Float32Array(all.reduce((sum, block) => sum + block.samples.length, 0));
      let at = 0;
      for (const { samples } of all) {
        joined.set(samples, at);
        at += samples.length;
      }
      return joined;
    },
    stop: () => {
      subscription.unsubscribe();
    },
  };
}
