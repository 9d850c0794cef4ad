import type { Observable } from 'rxjs';
import type { HandListName, ScreenRendition } from '../../models/gallery/index.ts';
import type { HandMood } from '../../models/moods/index.ts';
import type { RankedPictures } from '../../models/ranking/index.ts';
import type { Screen } from '../../models/screens.ts';
import type { ModelInfo } from '../../streams/analysis/index.ts';
import type { Catalogue } from '../../streams/program/index.ts';

/** Where the files of a picture are. */
interface PictureFiles {
  /** What a person calls it: its path below the gallery's folder. */
  readonly name: string;
  /** What displays load: its path on this machine. */
  readonly rendition: string;
  readonly thumbnail: string;
  /** Pixels of the rendition. */
  readonly width: number;
  readonly height: number;
}

/** A picture that is kept out of the show, or that a person lets in. */
interface JudgedPicture {
  readonly id: string;
  /** Probability in [0, 1] that it is unsafe, by the classifier. */
  readonly unsafe: number;
}

/** Each judged picture stands in one list: what a person hides is hidden, whatever else is known of it. */
export interface JudgedPictures {
  /** Marked as unsafe, the most unsafe first. */
  readonly marked: readonly JudgedPicture[];
  /** By hand. */
  readonly hidden: readonly JudgedPicture[];
  readonly allowed: readonly JudgedPicture[];
}

/** A gallery as a show needs it: row i of the pictures is picture i of the catalogue. */
export interface ShowGallery {
  readonly catalogue: Catalogue;
  readonly pictures: RankedPictures;
  /** @returns undefined for an id that is not in the catalogue. */
  filesOf(id: string): PictureFiles | undefined;
  readonly judged: JudgedPictures;
  /**
   * The best that there is for a screen now; where `mayMake`, a better one is made: see `RenditionStore`. Absent where
   * pictures have only the rendition of `filesOf`.
   * @returns undefined for an id that is not in the catalogue.
   */
  renditionFor?(id: string, screen: Screen, mayMake: boolean): Promise<ScreenRendition | undefined>;
}

/**
 * The moods by hand of a gallery. A change resolves when the gallery shows it, and rejects with a SynestheteError where
 * it can't be done: then nothing has changed.
 */
export interface MoodsByHand {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Rows that don't count, a line each. */
  readonly faults: readonly string[];
  /** @param file below the gallery's folder */
  set(file: string, mood: HandMood): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** The table as CSV. */
  csv(): Promise<string>;
  /** Puts another table in its place. */
  replace(csv: Uint8Array): Promise<void>;
}

/**
 * What a person hides and allows. A change resolves when the gallery shows it, and rejects with a SynestheteError where
 * it can't be done: then nothing has changed.
 */
export interface ListsByHand {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  set(list: HandListName, id: string, on: boolean): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
}

/** A gallery as it is when it is opened, and its changes. */
export interface OpenedGallery extends ShowGallery {
  readonly moodsByHand: MoodsByHand;
  readonly listsByHand: ListsByHand;
  /** The gallery each time it has changed on disk. Subscribe once; never completes, never fails. */
  readonly changes: Observable<ShowGallery>;
}

/** Gives the pictures of a show as each model sees them. */
export interface GalleryProvider {
  /** Rejects where the gallery has no index of that model. */
  open(model: ModelInfo): Promise<OpenedGallery>;
  /** Ends what it does in the background, such as making renditions. */
  close?(): void;
}
