import { controlSchema, type Control } from '../../../streams/program/index.ts';
import { describeIssues } from '../protocol/index.ts';

/** An OSC message: numbers, strings, booleans; whatever else was sent is no argument of ours. */
export interface OscMessage {
  readonly address: string;
  readonly args: readonly unknown[];
}

const PREFIX = '/synesthete/';

/**
 * What a message asks of the show. Buttons of controllers send 1 when pressed and 0 when let go: triggers act on what is
 * not zero, or on no argument at all; switches follow it.
 *
 * @returns undefined for a trigger that was let go; of anything that is no control, in words, why.
 */
export function controlOf({ address, args }: OscMessage): Control | undefined | string {
  const name = address.startsWith(PREFIX) ? address.slice(PREFIX.length) : '';
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (read === undefined) return 'there is no such control';
  const control = read(args);
  if (control === undefined) return undefined;
  const parsed = controlSchema.safeParse(control);
  return parsed.success ? parsed.data : describeIssues(parsed.error);
}

type Reader = (args: readonly unknown[]) => Record<string, unknown> | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  hold: ([on]) => ({ control: 'hold', on: isOn(on) }),
  blackout: ([on, fadeSeconds]) => ({
    control: 'blackout',
    on: isOn(on),
    ...(fadeSeconds === undefined ? {} : { fadeSeconds }),
  }),
  next: ([on]) => (isOn(on) ? { control: 'next' } : undefined),
  back: ([on]) => (isOn(on) ? { control: 'back' } : undefined),
  pin: ([image]) => ({ control: 'pin', image }),
  unpin: ([on]) => (isOn(on) ? { control: 'pin', image: null } : undefined),
  ban: ([image]) => {
    if (typeof image === 'string') return { control: 'ban', image, on: true };
    return isOn(image) ? { control: 'ban', on: true } : undefined;
  },
  unban: ([image]) => ({ control: 'ban', image, on: false }),
  bank: ([bank]) => ({ control: 'bank', bank: bank === '' ? null : bank }),
  sensitivity: ([value]) => ({ control: 'sensitivity', value }),
  dwell: ([minimumSeconds, maximumSeconds]) => ({ control: 'dwell', minimumSeconds, maximumSeconds }),
  crossfade: ([seconds]) => ({ control: 'crossfade', seconds }),
  smoothing: ([seconds]) => ({ control: 'smoothing', seconds }),
  'mood-offset': ([valence, arousal]) => ({ control: 'mood-offset', valence, arousal }),
  source: ([source]) => ({ control: 'source', source }),
  model: ([model]) => ({ control: 'model', model }),
};

/** A switch that is none (text, …) is left for the schema to refuse. */
function isOn(value: unknown): unknown {
  if (value === undefined) return true;
  return typeof value === 'number' ? value !== 0 : value;
}
