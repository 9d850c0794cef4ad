import { z } from 'zod';
import { sha256 } from '../../models/checksum.ts';
import { programSettingsSchema, type ProgramSettings } from '../../streams/program/index.ts';

const FORMAT = 'synesthete-show';
const FORMAT_VERSION = 1;

const id = z.string().min(1).max(64);
const point = z.object({ valence: z.number(), arousal: z.number() }).readonly();
const deviations = z
  .object({ valence: z.number().nonnegative(), arousal: z.number().nonnegative() })
  .readonly();

const channelNumbers = z.array(z.int().positive()).min(1).readonly();

const chosenSchema = z.object({
  source: z.string(),
  model: z.string(),
  /** Of the source; null for all, absent where the operator chose none. */
  channels: channelNumbers.nullable().optional(),
  begunWith: z
    .object({
      source: z.string(),
      models: z.array(z.string()).readonly(),
      channels: channelNumbers.optional(),
    })
    .readonly(),
});

const nightSchema = z.object({
  model: z.string(),
  spread: z.object({ mean: point, sd: deviations }).readonly(),
  seconds: z.number().positive(),
  /** Milliseconds since 1970. */
  savedAtMs: z.number(),
});

/** Source and model, by the names that the operator uses, and what could be switched to: the names of the command line. */
export type Chosen = Readonly<z.infer<typeof chosenSchema>>;

/** The moods of the music, for a show that resumes in the same night. */
export type SavedNight = Readonly<z.infer<typeof nightSchema>>;

/** What a show keeps between two runs. */
export interface SavedShow {
  /** What the operator set. */
  readonly settings: Partial<ProgramSettings>;
  readonly show: {
    readonly images: readonly (string | null)[];
    readonly bans: readonly string[];
    readonly hold: boolean;
    readonly pin: string | null;
    readonly blackout: boolean;
  };
  readonly chosen?: Chosen | undefined;
  readonly night?: SavedNight | undefined;
}

/** The parts of a saved show: each has a line and a checksum of its own, so that damage costs only the part it hits. */
interface Parts extends Omit<SavedShow, 'show'>, Readonly<SavedShow['show']> {}
type PartName = keyof Parts;

/** What is usable of a value of the file, and in words what is not. */
type Check<T> = (value: unknown, drop: (what: string) => void) => T | undefined;

interface Part<T> {
  readonly words: string;
  readonly check: Check<T>;
  /** Joins usable values whose checksums are wrong or missing with one that is right or older; the first otherwise. */
  readonly join?: (newer: T, older: T) => T;
}

const PARTS: { readonly [Name in PartName]-?: Part<Exclude<Parts[Name], undefined>> } = {
  settings: {
    words: 'settings',
    check: usableSettings,
    join: (newer, older) => ({ ...newer, ...older }),
  },
  images: { words: 'the pictures on show', check: elements(id.nullable(), 'a picture on show', null) },
  bans: {
    words: 'bans',
    check: elements(id, 'a ban'),
    // A ban too many can be lifted; one too few is on the wall.
    join: (newer, older) => [...new Set([...newer, ...older])],
  },
  hold: { words: 'hold', check: whole(z.boolean(), 'hold') },
  pin: { words: 'the pinned picture', check: whole(id.nullable(), 'the pinned picture') },
  blackout: { words: 'blackout', check: whole(z.boolean(), 'blackout') },
  chosen: { words: 'the source and the model', check: whole(chosenSchema, 'the source and the model') },
  night: { words: 'the moods of the night', check: whole(nightSchema, 'the moods of the night') },
};
const NAMES = Object.keys(PARTS) as PartName[];

function whole<T>(schema: z.ZodType<T>, words: string): Check<T> {
  return (value, drop) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) drop(words);
    return parsed.data;
  };
}

/** @param instead what stands for an unusable element, where positions count */
function elements<T>(schema: z.ZodType<T>, words: string, instead?: T): Check<T[]> {
  return (value, drop) => {
    if (!Array.isArray(value)) {
      drop(`${words}, or several`);
      return undefined;
    }
    return value.flatMap((element: unknown) => {
      const parsed = schema.safeParse(element);
      if (parsed.success) return [parsed.data];
      drop(words);
      return instead === undefined ? [] : [instead];
    });
  };
}

function usableSettings(value: unknown, drop: (what: string) => void): Partial<ProgramSettings> | undefined {
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success) {
    drop('settings');
    return undefined;
  }
  const usable: Record<string, unknown> = {};
  for (const [name, content] of Object.entries(object.data)) {
    const { shape } = programSettingsSchema;
    const field = Object.hasOwn(shape, name) ? shape[name as keyof typeof shape] : undefined;
    const parsed = field?.safeParse(content);
    if (parsed?.success === true) usable[name] = parsed.data;
    else drop(`the setting ${name}`);
  }
  return usable;
}

/** A saved show as text: JSON, with a line for each part. */
export function textOf({ settings, show, chosen, night }: SavedShow): string {
  const parts: Parts = { settings, ...show, chosen, night };
  const line = (name: PartName): string[] =>
    parts[name] === undefined ? [] : [`"${name}":${JSON.stringify(parts[name])}`];
  const checksums = Object.fromEntries(
    NAMES.flatMap((name) => (parts[name] === undefined ? [] : [[name, checksumOf(parts[name])]])),
  );
  return [
    `{"format":"${FORMAT}","formatVersion":${FORMAT_VERSION},`,
    `"checksums":${JSON.stringify(checksums)},`,
    `${line('settings').join()},`,
    '"show":{',
    (['images', 'bans', 'hold', 'pin', 'blackout'] as const).flatMap(line).join(',\n'),
    ['}', ...line('chosen'), ...line('night')].join(',\n'),
    '}\n',
  ].join('\n');
}

function checksumOf(value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, 16);
}

/** What a file holds of a saved show. */
export interface FoundShow {
  /** Whether the text is whole: each part is there and has the right checksum. */
  readonly isSound: boolean;
  /** Values as they stand in the file. */
  readonly values: ReadonlyMap<PartName, unknown>;
  /** Parts whose checksum is right. A whole file of a version without checksums counts as right. */
  readonly right: ReadonlySet<PartName>;
  /** Parts that were written, as far as the file still says. */
  readonly written: ReadonlySet<PartName>;
}

const envelopeSchema = z.looseObject({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  show: z.looseObject({}).optional(),
});
const checksumsSchema = z.record(z.string(), z.string());
const KNOWN = new Set<string>(['format', 'formatVersion', 'checksums', 'show', ...NAMES]);

/** Reads what can be read of a file: of one that is torn, the lines that are whole. */
export function findShow(text: string): FoundShow {
  const json = parsed(text);
  const envelope = envelopeSchema.safeParse(json);
  const entries = new Map(Object.entries(envelope.data ?? {}));
  if (envelope.success) for (const entry of Object.entries(envelope.data.show ?? {})) entries.set(...entry);
  else for (const entry of linesOf(text)) entries.set(...entry);
  const values = new Map(NAMES.flatMap((name) => (entries.has(name) ? [[name, entries.get(name)]] : [])));
  const isOfEarlierVersion =
    envelope.success && Object.keys(envelope.data).every((name) => name !== 'checksums' && KNOWN.has(name));
  if (isOfEarlierVersion) {
    return { isSound: true, values, right: new Set(values.keys()), written: new Set(values.keys()) };
  }
  const checksums = checksumsSchema.safeParse(entries.get('checksums')).data ?? {};
  const right = NAMES.filter((name) => values.has(name) && checksumOf(values.get(name)) === checksums[name]);
  const written = NAMES.filter((name) => values.has(name) || Object.hasOwn(checksums, name));
  const isSound = envelope.success && right.length > 0 && right.length === written.length;
  return { isSound, values, right: new Set(right), written: new Set(written) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function linesOf(text: string): [string, unknown][] {
  return text.split('\n').flatMap((line): [string, unknown][] => {
    const [, name, json] = /^"([a-z]+)":(.+?),?$/.exec(line) ?? [];
    const value = json === undefined ? undefined : parsed(json);
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}

/** What two files give together, and in words what each part cost. */
export interface JoinedShow {
  /** undefined where no part was found. */
  readonly saved: SavedShow | undefined;
  /** Parts that come from the older file. */
  readonly fromOlder: readonly string[];
  /** Parts that neither file has any more, and values that can't be used. */
  readonly lost: readonly string[];
}

/**
 * Takes each part from the newer file where its checksum is right, or else from the older one. What has no right checksum in either
 * is taken as far as it is usable.
 */
export function joinShows(newer: FoundShow | undefined, older: FoundShow | undefined): JoinedShow {
  const files = [newer, older].filter((file) => file !== undefined);
  const fromOlder: string[] = [];
  const lost: string[] = [];
  const take = <Name extends PartName>(name: Name): Parts[Name] | undefined => {
    const { words, check, join } = PARTS[name] as unknown as Part<Parts[Name]>;
    const holders = files.filter(({ values }) => values.has(name));
    const rightIn = holders.find(({ right }) => right.has(name));
    const others = holders.filter((file) => file !== rightIn && !file.right.has(name));
    if (rightIn !== undefined && (rightIn === newer || join === undefined || others.length === 0)) {
      if (rightIn === older && newer !== undefined) fromOlder.push(words);
      return check(rightIn.values.get(name), (what) => lost.push(what));
    }
    const dropped: string[] = [];
    const [first, second] = holders
      .map((file) => ({ file, value: check(file.values.get(name), (what) => dropped.push(what)) }))
      .filter(({ value }) => value !== undefined);
    if (first === undefined) {
      if (files.some(({ written }) => written.has(name))) lost.push(words);
      return undefined;
    }
    lost.push(...dropped);
    if (second !== undefined && join !== undefined) {
      fromOlder.push(`${words} in part`);
      return join(first.value!, second.value!);
    }
    if (first.file === older && newer !== undefined) fromOlder.push(words);
    return first.value;
  };
  const settings = take('settings');
  const show = {
    images: take('images') ?? [],
    bans: take('bans') ?? [],
    hold: take('hold') ?? false,
    pin: take('pin') ?? null,
    blackout: take('blackout') ?? false,
  };
  const saved = { settings: settings ?? {}, show, chosen: take('chosen'), night: take('night') };
  const isNothing = files.every(({ values }) => values.size === 0);
  return { saved: isNothing ? undefined : saved, fromOlder, lost };
}
