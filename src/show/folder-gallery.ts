import { Observable, Subject } from 'rxjs';
import {
  defaultIndexFolder,
  HandListsEditor,
  openGallery,
  RENDITION_SIDE,
  RenditionStore,
  type Gallery,
  type Snapshot,
} from '../../models/gallery/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import { defaultMoodsFile, MoodsEditor, MoodsFile, MOST_FAULTS_TOLD } from '../../models/moods/index.ts';
import { catalogueOf, type CataloguePicture } from '../../streams/program/index.ts';
import type { GalleryProvider, JudgedPictures, ListsByHand, MoodsByHand, ShowGallery } from './gallery.ts';

export interface FolderGalleryOptions {
  readonly folder: string;
  /** Where its index lies; in the folder itself unless set. */
  readonly indexFolder?: string;
  /** The table of moods by hand; `moods.csv` in the folder unless set. */
  readonly moodsFile?: string;
  /** The probability from which a picture counts as unsafe; by default UNSAFE_THRESHOLD. */
  readonly unsafeThreshold?: number;
  /** Called with one line when a new index can't be opened, and for moods by hand that don't count. */
  readonly notice: (line: string) => void;
}

/** The folder of a gallery's index. */
export function indexFolderOf({
  folder,
  indexFolder,
}: Pick<FolderGalleryOptions, 'folder' | 'indexFolder'>): string {
  return indexFolder ?? defaultIndexFolder(folder);
}

/** After this time an index that could not be opened is tried again. */
const RETRY_MS = 5000;

/** The gallery in a folder of pictures, as `synesthete index` made its indexes. */
export function folderGallery({
  folder,
  indexFolder,
  moodsFile = defaultMoodsFile(folder),
  unsafeThreshold,
  notice,
}: FolderGalleryOptions): GalleryProvider {
  // Shared by all models: what was changed under one can be undone under another.
  const moods = new MoodsFile(moodsFile);
  const editor = new MoodsEditor(moods);
  const place = indexFolderOf({ folder, ...(indexFolder !== undefined && { indexFolder }) });
  const lists = new HandListsEditor(place);
  // Those of a picture are the same under all models.
  const renditions = new RenditionStore({ gallery: folder, indexFolder: place, notice });
  return {
    close() {
      renditions.close();
    },
    async open({ fingerprint, ranking, width }) {
      const failures = new Subject<string>();
      const gallery = await openGallery(folder, {
        model: { fingerprint, ranking: { score: ranking, width } },
        moods,
        ...(indexFolder === undefined ? {} : { indexFolder }),
        ...(unsafeThreshold === undefined ? {} : { unsafeThreshold }),
        notice: (line) => {
          failures.next(line);
        },
        onMoodFaults(faults) {
          for (const line of faults.slice(0, MOST_FAULTS_TOLD)) notice(line);
          const more = faults.length - MOST_FAULTS_TOLD;
          if (more > 0) notice(`${moodsFile} has ${more} more lines that don't count`);
        },
      });
      return {
        ...showGallery(gallery.snapshot, renditions),
        moodsByHand: moodsByHand(gallery, editor),
        listsByHand: listsByHand(gallery, lists),
        changes: changesOf(gallery, renditions, failures, notice),
      };
    },
  };
}

function moodsByHand(gallery: Gallery, editor: MoodsEditor): MoodsByHand {
  const takenUp = async (change: Promise<void>): Promise<void> => {
    await change;
    await gallery.reloadMoods();
  };
  return {
    get canUndo() {
      return editor.canUndo;
    },
    get canRedo() {
      return editor.canRedo;
    },
    get faults() {
      return gallery.moodFaults;
    },
    set: (file, mood) => takenUp(editor.set(file, mood)),
    undo: () => takenUp(editor.undo()),
    redo: () => takenUp(editor.redo()),
    csv: () => editor.csv(),
    replace: (csv) => takenUp(editor.replace(csv, (file) => gallery.hasFile(file))),
  };
}

function listsByHand(gallery: Gallery, editor: HandListsEditor): ListsByHand {
  const takenUp = async (change: Promise<void>): Promise<void> => {
    await change;
    await gallery.takeUpLists();
  };
  return {
    get canUndo() {
      return editor.canUndo;
    },
    get canRedo() {
      return editor.canRedo;
    },
    async set(list, id, on) {
      const { snapshot } = gallery;
      const row = snapshot.rowOf(id);
      if (row === undefined) throw new SynestheteError('USAGE', `the picture ${id} is not in the gallery`);
      const { file } = snapshot.picture(row);
      await takenUp(editor.set(list, { content: snapshot.contentOf(row), file }, on));
    },
    undo: () => takenUp(editor.undo()),
    redo: () => takenUp(editor.redo()),
  };
}

/** Follows a gallery while it is subscribed to. Says once that an index can't be read, and tries it again. */
function changesOf(
  gallery: Gallery,
  renditions: RenditionStore,
  failures: Observable<string>,
  notice: (line: string) => void,
): Observable<ShowGallery> {
  return new Observable((subscriber) => {
    let lastNotice = '';
    let retry: NodeJS.Timeout | undefined;
    const failing = failures.subscribe((line) => {
      if (line !== lastNotice) notice(line);
      lastNotice = line;
      clearTimeout(retry);
      retry = setTimeout(() => void gallery.reload(), RETRY_MS);
    });
    gallery.follow((snapshot) => {
      lastNotice = '';
      clearTimeout(retry);
      subscriber.next(showGallery(snapshot, renditions));
    });
    return () => {
      failing.unsubscribe();
      clearTimeout(retry);
      gallery.close();
    };
  });
}

function showGallery(snapshot: Snapshot, renditions: RenditionStore): ShowGallery {
  const { count, valence, arousal, groups, vectors, neighbours, corrected } = snapshot;
  const moods = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    moods[2 * row] = valence[row]!;
    moods[2 * row + 1] = arousal[row]!;
  }
  const pictures = Array.from({ length: count }, (_, row): CataloguePicture => ({
    id: snapshot.idOf(row),
    bank: snapshot.bankOf(row) ?? '',
    unsafe: snapshot.isUnsafe(row),
    hidden: snapshot.isHidden(row),
    duplicateGroup: String(groups[row]!),
    pixels: snapshot.pixelsOf(row),
    valence: valence[row]!,
    arousal: arousal[row]!,
    corrected: snapshot.correctionOf(row),
  }));
  return {
    catalogue: catalogueOf(pictures),
    judged: judgedIn(snapshot),
    pictures: { count, vectors, moods, neighbours, corrected },
    filesOf(id) {
      const picture = snapshot.pictureOf(id);
      if (picture === undefined) return undefined;
      const { file: name, rendition, thumbnail, width, height } = picture;
      const scale = Math.min(1, RENDITION_SIDE / Math.max(width, height));
      return {
        name,
        rendition,
        thumbnail,
        width: Math.max(1, Math.round(width * scale)),
        height: Math.max(1, Math.round(height * scale)),
      };
    },
    async renditionFor(id, screen, mayMake) {
      const picture = snapshot.pictureOf(id);
      return picture && renditions.find(picture, screen, mayMake);
    },
  };
}

function judgedIn(snapshot: Snapshot): JudgedPictures {
  const judged = (row: number) => ({ id: snapshot.idOf(row), unsafe: snapshot.unsafeProbability(row) });
  const isSeen = (row: number) => !snapshot.isHidden(row);
  return {
    marked: snapshot.unsafeRows
      .filter(isSeen)
      .map(judged)
      .sort((a, b) => b.unsafe - a.unsafe),
    hidden: snapshot.rowsOnList('hidden').map(judged),
    allowed: snapshot.rowsOnList('allowed').filter(isSeen).map(judged),
  };
}
