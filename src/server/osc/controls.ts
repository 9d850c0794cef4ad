import { controlSchema, type Control } from '../../../streams/program/index.ts';
import { describeIssues } from '../protocol/index.ts';
import { coversAddress } from './pattern.ts';

/** An OSC message: numbers, strings, booleans, null and bytes, and arrays of them. */
export interface OscMessage {
  readonly address: string;
  readonly args: readonly unknown[];
}

const PREFIX = '/synesthete/';

/** Asks for `state` and `picture`, which are otherwise sent only when they change. */
export const REFRESH = `${PREFIX}refresh`;

/**
 * The addresses of ours that the address of a message covers, which may be a pattern. One that covers none is returned itself, to be
 * refused by its name.
 */
export function addressesFor(address: string): readonly string[] {
  const covered = ADDRESSES.filter((known) => coversAddress(address, known));
  return covered.length === 0 ? [address] : covered;
}

/**
 * The control of a message. Buttons of controllers send 1 when pressed and 0 when released: triggers act on any value
 * but zero, or without an argument; switches follow it. Numbers may come as text.
 *
 * @returns undefined for a released trigger; for anything that is no control, the reason in words
 */
export function controlOf({ address, args }: OscMessage): Control | undefined | string {
  const name = address.startsWith(PREFIX) ? address.slice(PREFIX.length) : '';
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (read === undefined) return 'there is no such control';
  // A list of arguments may come as an array.
  const control = read(args.flat(Infinity));
  if (control === undefined || typeof control === 'string') return control;
  const parsed = controlSchema.safeParse(control);
  return parsed.success ? parsed.data : describeIssues(parsed.error);
}

/** @returns as `controlOf`, before the schema checks it */
type Reader = (args: readonly unknown[]) => Record<string, unknown> | undefined | string;

const READERS: Readonly<Record<string, Reader>> = {
  hold: ([on]) => switched(on, (isOn) => ({ control: 'hold', on: isOn })),
  blackout: ([on, fadeSeconds]) =>
    switched(on, (isOn) => ({
      control: 'blackout',
      on: isOn,
      ...(fadeSeconds === undefined ? {} : { fadeSeconds: numberOf(fadeSeconds) }),
    })),
  next: ([on]) => triggered(on, { control: 'next' }),
  back: ([on]) => triggered(on, { control: 'back' }),
  pin: ([image]) => ({ control: 'pin', image }),
  unpin: ([on]) => triggered(on, { control: 'pin', image: null }),
  ban: ([image]) =>
    typeof image === 'string' && !PRESSED_AS_TEXT.test(image)
      ? { control: 'ban', image, on: true }
      : triggered(image, { control: 'ban', on: true }),
  hide: ([image]) =>
    typeof image === 'string' && !PRESSED_AS_TEXT.test(image)
      ? { control: 'hide', image, on: true }
      : triggered(image, { control: 'hide', on: true }),
  unhide: ([image]) => ({ control: 'hide', image, on: false }),
  allow: ([image]) => ({ control: 'allow', image, on: true }),
  forbid: ([image]) => ({ control: 'allow', image, on: false }),
  'list-undo': ([on]) => triggered(on, { control: 'list-undo' }),
  'list-redo': ([on]) => triggered(on, { control: 'list-redo' }),
  unban: ([image]) => ({ control: 'ban', image, on: false }),
  bank: ([bank]) => ({ control: 'bank', bank: bank === '' ? null : bank }),
  sensitivity: ([value]) => ({ control: 'sensitivity', value: numberOf(value) }),
  dwell: ([least, most]) => ({
    control: 'dwell',
    minimumSeconds: numberOf(least),
    maximumSeconds: numberOf(most),
  }),
  crossfade: ([seconds]) => ({ control: 'crossfade', seconds: numberOf(seconds) }),
  smoothing: ([seconds]) => ({ control: 'smoothing', seconds: numberOf(seconds) }),
  gate: ([decibels]) => ({ control: 'gate', decibels: numberOf(decibels) }),
  'mood-offset': ([valence, arousal]) => ({
    control: 'mood-offset',
    valence: numberOf(valence),
    arousal: numberOf(arousal),
  }),
  fit: ([value]) => ({ control: 'fit', value: numberOf(value) }),
  'display-fit': ([display, fit]) => ({ control: 'display-fit', display, fit: fit === '' ? null : fit }),
  source: ([source]) => ({ control: 'source', source }),
  channels: (args) => channelsOf(args),
  model: ([model]) => ({ control: 'model', model }),
};

const ADDRESSES = [...Object.keys(READERS).map((name) => `${PREFIX}${name}`), REFRESH];

const NO_SWITCH = 'its argument is neither a number nor a boolean';

/** Numbers of channels; all of them without any, or with the number 0. */
function channelsOf(args: readonly unknown[]): Record<string, unknown> {
  const numbers = args.flatMap((arg) => (typeof arg === 'string' ? arg.split(',') : [arg])).map(numberOf);
  const isAll = numbers.length === 0 || (numbers.length === 1 && (numbers[0] === 0 || numbers[0] === ''));
  return { control: 'channels', channels: isAll ? null : numbers };
}

/** Text that a button sends, where other senders put the id of a picture. */
const PRESSED_AS_TEXT = /^[01](\.0*)?$/;

function triggered(value: unknown, control: Record<string, unknown>): ReturnType<Reader> {
  return switched(value, (isOn) => (isOn ? control : undefined));
}

function switched<T>(value: unknown, then: (isOn: boolean) => T): T | string {
  const isOn = value === undefined ? true : numberOf(value);
  if (typeof isOn === 'boolean') return then(isOn);
  return typeof isOn === 'number' && !Number.isNaN(isOn) ? then(isOn !== 0) : NO_SWITCH;
}

/** Reads numbers, which some controllers send as text. @returns anything else unchanged, for the schema to refuse */
function numberOf(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}
