import type { Observable } from 'rxjs';
import type { Screen } from '../../models/screens.ts';
import type { Control } from '../../streams/program/index.ts';
import type { ShowState } from './protocol/index.ts';

/** A picture that may be shown, as the index prepared it. */
export interface Picture {
  /** Path of the rendition that displays load. */
  readonly file: string;
  readonly type: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif' | 'image/gif';
  /** Pixels of the rendition. */
  readonly width: number;
  readonly height: number;
}

/** The best of a picture that there is for a screen now. */
export interface ScreenPicture extends Picture {
  /** Whether it is made for the screen; otherwise it is the picture's rendition for all screens. */
  readonly isOwn: boolean;
  /** Whether a better one is going to be made. */
  readonly isPending: boolean;
}

export interface GalleryQuery {
  readonly offset: number;
  readonly limit: number;
  readonly bank?: string;
  /** Whether to list unsafe pictures, which are not shown: for those who may control. */
  readonly withUnsafe: boolean;
}

export interface GalleryPage {
  /** Number of pictures that the query finds, on all pages. */
  readonly total: number;
  /** Changes each time the pictures or their moods change; bans don't change it. Opaque. */
  readonly revision: string;
  readonly pictures: readonly GalleryEntry[];
}

export interface GalleryEntry {
  readonly id: string;
  /** Below the folder of the gallery. */
  readonly file: string;
  readonly bank: string | null;
  /** In [0, 1]: by hand where there is a mood by hand, otherwise the model's. */
  readonly valence: number;
  readonly arousal: number;
  /** What the model predicts for the picture. */
  readonly reading: { readonly valence: number; readonly arousal: number };
  /** The mood by hand in its place, null on an axis that is the model's; null where there is none. */
  readonly hand: { readonly valence: number | null; readonly arousal: number | null } | null;
  readonly width: number;
  readonly height: number;
  readonly unsafe: boolean;
  readonly banned: boolean;
}

/** `marked`: kept out by the classifier; `hidden`, `allowed`: by hand. */
export const KEPT_OUT_LISTS = ['marked', 'hidden', 'allowed'] as const;

export interface KeptOutQuery {
  readonly list: (typeof KEPT_OUT_LISTS)[number];
  readonly offset: number;
  readonly limit: number;
}

/** Pictures that are kept out of the show, or let in by hand. */
export interface KeptOutPage extends Pick<GalleryPage, 'total' | 'revision'> {
  readonly pictures: readonly KeptOutEntry[];
}

export interface KeptOutEntry extends Pick<GalleryEntry, 'id' | 'file' | 'bank'> {
  /** Probability in [0, 1] that it is unsafe, by the classifier. */
  readonly unsafe: number;
}

/** A small picture for the console. */
export interface Thumbnail extends Pick<Picture, 'file' | 'type'> {
  /** Only those who may control get it, and no cache keeps it. */
  readonly isPrivate?: boolean;
}

/** How a show is doing: what the server counts, and what else the console needs. */
export interface ShowStatus extends Readonly<Record<string, unknown>> {
  readonly clips: {
    /** Clips that were heard. */
    readonly total: number;
    /** Skipped because the analysis was slower than the sound. */
    readonly dropped: number;
    /** Their analysis or matching failed. */
    readonly lost: number;
  };
  /** In the sound. */
  readonly gaps: number;
  readonly analysis: { readonly restarts: number };
}

/** What the server needs of a running show. */
export interface Show {
  /** A state each time what is on show changes or the mood is measured. The last one stays when the show ends. */
  readonly states: Observable<ShowState>;
  /**
   * @throws SynestheteError when the show can't do it (an unknown picture or bank, …): the server sends its message to
   * the client.
   */
  control(control: Control): void | Promise<void>;
  /** For the console: source, bank, model, settings, drops. Must be JSON. */
  status(): ShowStatus;
  /** The same for those who may not control, without the paths of files on this machine. */
  publicStatus(): ShowStatus;
  /** undefined unless the picture exists and may be shown. */
  picture(id: string): Picture | undefined;
  /** For a screen; of what displays may want now, a better one is made where there can be one. undefined as for `picture`. */
  rendition(id: string, screen: Screen): Promise<ScreenPicture | undefined>;
  /**
   * The small picture, for the console: also of a banned picture, so that it can be allowed again; of one that is kept out,
   * for those who may control only.
   */
  thumbnail(id: string, mayControl: boolean): Thumbnail | undefined;
  gallery(query: GalleryQuery): GalleryPage | Promise<GalleryPage>;
  /** Pictures that are kept out, for those who may control. */
  keptOut(query: KeptOutQuery): KeptOutPage;
  /** What can be listened to, JSON. Rejects with a SynestheteError where this machine has no sound system. */
  devices(): Promise<readonly unknown[]>;
  /** The moods of pictures by hand as CSV. Rejects with a SynestheteError where the show has none. */
  moods(): Promise<string>;
  /** Replaces them by a CSV. Rejects with a SynestheteError where it is wrong: then nothing has changed. */
  takeMoods(csv: Uint8Array): Promise<void>;
}
