import { EMPTY, catchError, defer, tap, throwError } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Source } from '../../streams/sources/index.ts';

/** What a file is in a replay: from where on it was heard, and for how long. */
export interface Part {
  readonly file: string;
  readonly startSeconds: number;
  /** 0 where nothing of it could be heard. */
  readonly endSeconds: number;
  /** Why the file, or its rest, is left out. */
  readonly fault?: SynestheteError;
  /** The first complaint of the decoder, where the file was heard all the same. */
  readonly damage?: string;
}

interface PartsOptions {
  /** Called at once with each file that fails and is left out from there on. */
  readonly onFault: (part: Part) => void;
  readonly onDamage: (line: string) => void;
  /** A file that fails ends the replay instead. */
  readonly strict: boolean;
  /** What is known to be wrong with a file before it is played. */
  readonly faults?: ReadonlyMap<string, SynestheteError>;
}

/**
 * The files of a replay, played one after the other on one clock. A file that fails is heard up to there; then the next one
 * follows.
 */
export class Parts {
  /** The parts that are over or being heard, in their order. */
  readonly list: Part[] = [];
  readonly sources: readonly Source[];
  readonly #options: PartsOptions;

  constructor(sources: readonly Source[], options: PartsOptions) {
    this.#options = options;
    this.sources = sources.map((source) => ({ ...source, events: defer(() => this.#play(source)) }));
  }

  #play(source: Source): Source['events'] {
    const at = this.list.length;
    const startSeconds = this.list.at(-1)?.endSeconds ?? 0;
    let part: Part = { file: source.name, startSeconds, endSeconds: startSeconds };
    const change = (more: Partial<Part>): void => {
      part = { ...part, ...more };
      this.list[at] = part;
    };
    change({});
    const { faults, strict, onFault, onDamage } = this.#options;
    const known = faults?.get(source.name);
    const events = known === undefined ? source.events : throwError(() => known);
    return events.pipe(
      tap((event) => {
        if (event.kind === 'block') {
          const end = (event.startSample + event.samples.length) / SAMPLE_RATE_HZ;
          change({ endSeconds: startSeconds + end });
        } else if (event.kind === 'status' && event.state === 'damaged') {
          onDamage(event.message);
          if (part.damage === undefined) change({ damage: event.message });
        }
      }),
      catchError((error: unknown) => {
        if (strict || !(error instanceof SynestheteError)) throw error;
        change({ fault: error });
        onFault(part);
        return EMPTY;
      }),
    );
  }
}
