import type { Observable } from 'rxjs';
import type { Control } from '../../streams/program/index.ts';
import type { ShowState } from './protocol/index.ts';

/** A picture that may be shown, as the index made it ready. */
export interface Picture {
  /** Path of the rendition that displays load. */
  readonly file: string;
  readonly type: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif' | 'image/gif';
  /** Pixels of the rendition. */
  readonly width: number;
  readonly height: number;
}

export interface GalleryQuery {
  readonly offset: number;
  readonly limit: number;
  readonly bank?: string;
  /** Unsafe pictures too, which are not shown: for those who may control. */
  readonly withUnsafe: boolean;
}

export interface GalleryPage {
  /** Pictures that the query finds, on all pages. */
  readonly total: number;
  /** Another one each time that the pictures or their moods change; bans don't change it. Opaque. */
  readonly revision: string;
  readonly pictures: readonly GalleryEntry[];
}

export interface GalleryEntry {
  readonly id: string;
  /** Below the folder of the gallery. */
  readonly file: string;
  readonly bank: string | null;
  /** In [0, 1]: the hand's where it has said something, else the model's. */
  readonly valence: number;
  readonly arousal: number;
  /** What the model reads in the picture. */
  readonly reading: { readonly valence: number; readonly arousal: number };
  /** What a hand has put in its place, null on an axis that is the model's; null where it has said nothing. */
  readonly hand: { readonly valence: number | null; readonly arousal: number | null } | null;
  readonly width: number;
  readonly height: number;
  readonly unsafe: boolean;
  readonly banned: boolean;
}

/** How a show is doing: what the server counts, and whatever else the console reads. */
export interface ShowStatus extends Readonly<Record<string, unknown>> {
  readonly clips: {
    /** Clips that were heard. */
    readonly total: number;
    /** Passed over because the analysis was slower than the sound. */
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
  /** Each time what is on show changes or the mood is measured. The last one stays when it ends. */
  readonly states: Observable<ShowState>;
  /** @throws SynestheteError when the show can't do it (an unknown picture or bank, …): told to who asked. */
  control(control: Control): void | Promise<void>;
  /** For the console: source, bank, model, settings, drops. Must be JSON. */
  status(): ShowStatus;
  /** The same for those who may not control: nothing in it tells where files are on this machine. */
  publicStatus(): ShowStatus;
  /** undefined unless the picture exists and may be shown. */
  picture(id: string): Picture | undefined;
  /** The small one, for the console: that of a banned picture too, so that it can be allowed again. */
  thumbnail(id: string): Pick<Picture, 'file' | 'type'> | undefined;
  gallery(query: GalleryQuery): GalleryPage | Promise<GalleryPage>;
  /** What can be listened to, JSON. Rejects with a SynestheteError where this machine has no sound system. */
  devices(): Promise<readonly unknown[]>;
  /** The moods of pictures by hand as CSV. Rejects with a SynestheteError where there are none to have. */
  moods(): Promise<string>;
  /** Puts a CSV in their place. Rejects with a SynestheteError where it is wrong: then nothing has changed. */
  takeMoods(csv: Uint8Array): Promise<void>;
}
