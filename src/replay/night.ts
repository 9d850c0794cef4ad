import { defer, tap } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { PlanePoint } from '../../models/plane.ts';
import type { Source } from '../../streams/sources/index.ts';

/** A song, and what people say of it. */
export interface LabelledSong {
  readonly source: Source;
  /** Stretches in seconds of the song; where two cover a moment, the first counts. */
  readonly labels: readonly SongLabel[];
}

interface SongLabel {
  readonly startSeconds: number;
  /** Infinity: to the song's end. */
  readonly endSeconds: number;
  readonly label: PlanePoint;
}

/**
 * Songs that are played one after the other on one clock, as `replay` plays its sources, and their labels on that
 * clock. A song is as long as its sound turns out to be, so a moment can be asked for only after its sound was given
 * out.
 */
export class Night {
  readonly sources: readonly Source[];
  readonly #songs: readonly LabelledSong[];
  /** Where each song played so far begins, in samples of the night. */
  readonly #starts: number[] = [];
  #end = 0;
  /** The song of the last moment that was asked for. */
  #at = 0;

  constructor(songs: readonly LabelledSong[], onSongEnd?: () => void) {
    this.#songs = songs;
    this.sources = songs.map(({ source }) => ({
      ...source,
      events: defer(() => {
        const start = this.#end;
        this.#starts.push(start);
        return source.events.pipe(
          tap({
            next: (event) => {
              if (event.kind === 'block') this.#end = start + event.startSample + event.samples.length;
            },
            complete: () => onSongEnd?.(),
          }),
        );
      }),
    }));
  }

  /**
   * The label of the music at a sample of the night; undefined where no stretch covers it.
   * @param sample of sound that was given out, at or after the one of the last call
   */
  labelAt(sample: number): PlanePoint | undefined {
    while (this.#at + 1 < this.#starts.length && sample >= this.#starts[this.#at + 1]!) this.#at += 1;
    const seconds = (sample - this.#starts[this.#at]!) / SAMPLE_RATE_HZ;
    return this.#songs[this.#at]!.labels.find(
      ({ startSeconds, endSeconds }) => seconds >= startSeconds && seconds < endSeconds,
    )?.label;
  }
}
