import { basename } from 'node:path';
import type { Observable } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import {
  isInBank,
  isShowable,
  mayStay,
  type Catalogue,
  type CataloguePicture,
  type ProgramState,
} from '../../streams/program/index.ts';
import { listDevices } from '../../streams/sources/index.ts';
import type { ModelFacts } from '../../streams/analysis/index.ts';
import type { GalleryEntry, Show } from '../server/index.ts';
import type { ShowGallery } from './gallery.ts';
import { revisionOf } from './revision.ts';
import type { LiveShow } from './show.ts';
import { programStatus, type LiveStatus } from './status.ts';
import type { LiveState } from './states.ts';

/**
 * A running show as the server needs it.
 * @param sources what its `source` can be switched to, beside the devices
 * @param hasBuiltInPictures whether the pictures are those that come with the program
 */
export function servedShow(show: LiveShow, sources: readonly string[], hasBuiltInPictures: boolean): Show {
  return {
    ...pagesOf(() => show),
    states: show.states,
    control: (control) => show.control(control),
    status: () => ({ ...show.status(), sources, hasBuiltInPictures }),
    publicStatus: () => ({
      ...withoutPaths(show.status()),
      sources: sources.map(withoutFolders),
      hasBuiltInPictures,
    }),
    devices: () => listDevices(),
    moods: () => show.moodsByHand.csv(),
    takeMoods: (csv) => show.moodsByHand.replace(csv),
  };
}

/** A replay at one moment. */
interface ReplayNow {
  readonly program: ProgramState;
  /** Clips that were heard so far. */
  readonly clips: number;
}

/** A replay as the server needs it: what is on show can be looked at, and nothing can be asked of it. */
export function servedReplay(
  states: Observable<LiveState>,
  {
    gallery,
    files,
    model,
    now,
  }: {
    readonly gallery: Pick<ShowGallery, 'filesOf'>;
    readonly files: readonly string[];
    readonly model: ModelFacts;
    readonly now: () => ReplayNow;
  },
): Show {
  const statusOf = (name: string): LiveStatus => {
    const { program, clips } = now();
    return {
      source: { name, kind: 'file', state: 'delivering', message: `${name}: a replay` },
      analysis: { state: 'running', message: '', restarts: 0 },
      model,
      modelName: model.folder,
      models: [],
      ...programStatus(program),
      // A replay waits for the analysis of each clip.
      clips: { total: clips, dropped: 0, lost: 0, lastLoss: '' },
      gaps: 0,
      firsts: null,
      moods: null,
    };
  };
  const name = files.join(', ');
  const publicName = files.map((file) => basename(file)).join(', ');
  return {
    ...pagesOf(() => ({ gallery, program: now().program })),
    states,
    control() {
      throw new SynestheteError('USAGE', 'a replay takes no controls: what it shows is settled');
    },
    status: () => ({ ...statusOf(name), sources: [name] }),
    publicStatus: () => ({ ...withoutPaths(statusOf(publicName)), sources: [publicName] }),
    devices: () => Promise.resolve([]),
    moods: () => Promise.reject(noMoods()),
    takeMoods: () => Promise.reject(noMoods()),
  };
}

function noMoods(): SynestheteError {
  return new SynestheteError(
    'USAGE',
    'a replay has no moods to take or give: run a live show of the gallery',
  );
}

/** Files and folders by their own names only, and one word in place of each message: it may name any of them. */
function withoutPaths({
  source,
  analysis,
  model,
  modelName,
  models,
  clips,
  moods,
  ...rest
}: LiveStatus): LiveStatus {
  const { name, kind, state } = source;
  return {
    ...rest,
    source: { name: kind === 'file' ? basename(name) : name, kind, state, message: state },
    analysis: { ...analysis, message: analysis.message === '' ? '' : analysis.state },
    model: { ...model, folder: basename(model.folder), fallbacks: [] },
    modelName: basename(modelName),
    models: models.map((name) => basename(name)),
    moods: moods && { ...moods, faults: [] },
    clips: { ...clips, lastLoss: clips.lastLoss === '' ? '' : 'lost' },
  };
}

/** `file:/music/night.wav` → `file:night.wav`; other names of sources as they are. */
function withoutFolders(source: string): string {
  return source.startsWith('file:') ? `file:${basename(source.slice('file:'.length))}` : source;
}

/** The pictures of a show, for those who ask for one or for a page of them. */
function pagesOf(
  now: () => { readonly gallery: Pick<ShowGallery, 'filesOf'>; readonly program: ProgramState },
): Pick<Show, 'picture' | 'thumbnail' | 'gallery'> {
  const select = selection();
  return {
    picture(id) {
      const { gallery, program } = now();
      const files = gallery.filesOf(id);
      // One that broke stays on show for want of another: displays may have it still.
      if (files === undefined || !mayStay(program, id)) return undefined;
      const { rendition: file, width, height } = files;
      return { file, type: 'image/jpeg', width, height };
    },
    thumbnail(id) {
      const { gallery, program } = now();
      const files = gallery.filesOf(id);
      // One that is banned is looked at to be allowed again.
      if (files === undefined || !isShowable({ ...program, bans: new Set() }, id)) return undefined;
      return { file: files.thumbnail, type: 'image/jpeg' };
    },
    gallery({ offset, limit, bank, withUnsafe }) {
      const { gallery, program } = now();
      const unsafeToo = withUnsafe || program.settings.allowUnsafe;
      const found = select(program.catalogue, bank ?? null, unsafeToo);
      const pictures = found.slice(offset, offset + limit).flatMap((picture): GalleryEntry[] => {
        const { id, bank: name, valence, arousal, unsafe, corrected } = picture;
        const files = gallery.filesOf(id);
        if (files === undefined) return [];
        const { name: file, width, height } = files;
        const banned = program.bans.has(id);
        const reading = corrected?.reading ?? { valence, arousal };
        const moods = { valence, arousal, reading, hand: corrected?.hand ?? null };
        return [{ id, file, bank: name === '' ? null : name, ...moods, width, height, unsafe, banned }];
      });
      return { total: found.length, revision: revisionOf(program.catalogue), pictures };
    },
  };
}

/** The pictures of a bank. Whoever fetches page after page asks for the same ones: they are looked for once. */
function selection(): (
  catalogue: Catalogue,
  bank: string | null,
  unsafeToo: boolean,
) => readonly CataloguePicture[] {
  let last: { of: Parameters<ReturnType<typeof selection>>; found: readonly CataloguePicture[] } | undefined;
  return (...of) => {
    if (last?.of.every((part, i) => part === of[i]) !== true) {
      const [catalogue, bank, unsafeToo] = of;
      const found = catalogue.pictures.filter(
        (picture) => isInBank(picture, bank) && (unsafeToo || !picture.unsafe),
      );
      last = { of, found };
    }
    return last.found;
  };
}
