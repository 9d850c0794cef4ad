import { defer, EMPTY, filter, map, of, repeat, throwError, type Observable } from 'rxjs';
import { SynestheteError } from '../../../models/errors.ts';
import {
  deviceSource,
  fileSource,
  type BackendName,
  type Source,
  type SourceEvent,
} from '../../../streams/sources/index.ts';
import { BUNDLED_MUSIC } from '../bundled.ts';
import { sourceOf, type SourceOptions } from '../source-options.ts';

/** The sound that a show begins with: what the options choose, begun again at its end if that was asked for. */
export function soundOf(file: string | undefined, options: SourceOptions & { readonly loop?: true }): Source {
  if (options.demo === true && file === undefined && options.file === undefined) return bundledMusic();
  const source = sourceOf(options, { pace: 1, badSamples: 'silence' }, file);
  return options.loop === true ? { ...source, events: repeated(source) } : source;
}

/** Sound that browsers and other programs send to the server, which is there by the time it is listened to. */
export function browserSource(feed: () => Source | undefined): Source {
  const events: Observable<SourceEvent> = defer(() => feed()?.events ?? EMPTY);
  return { name: 'browser', kind: 'feed', events };
}

/**
 * What an operator calls a source: `demo`, `browser`, `device:NAME`, or `file:PATH` of the file that the show was started
 * with (no other file of this machine is opened because somebody on the network says so).
 *
 * @throws SynestheteError USAGE for any other name.
 */
export function sourceNamed(
  name: string,
  startedWith: string | undefined,
  options: SourceOptions & { readonly loop?: true },
  feed: () => Source | undefined,
): Source {
  if (name === 'demo') return bundledMusic();
  if (name === 'browser') return browserSource(feed);
  if (name.startsWith('device:')) {
    const backend: { backend?: BackendName } =
      options.backend === undefined ? {} : { backend: options.backend };
    return deviceSource(name.slice('device:'.length), { badSamples: 'silence', ...backend });
  }
  const file = startedWith ?? options.file;
  if (file !== undefined && name === `file:${file}`) return soundOf(startedWith, options);
  const files = file === undefined ? '' : `, file:${file}`;
  throw new SynestheteError('USAGE', `there is no source ${name}: choose demo, browser, device:NAME${files}`);
}

/** The piece of music that comes with the program, again and again. */
function bundledMusic(): Source {
  const source = { ...fileSource(BUNDLED_MUSIC, { pace: 1 }), name: 'demo' };
  return { ...source, events: repeated(source) };
}

/** A source that begins again at its end, on one clock. */
function repeated({ name, events }: Source): Observable<SourceEvent> {
  return defer(() => {
    let begin = 0;
    let end = 0;
    const round = defer(() => {
      begin = end;
      return events;
    }).pipe(
      filter((event) => event.kind !== 'status' || event.state !== 'ended'),
      map((event): SourceEvent => {
        if (event.kind === 'status') return event;
        if (event.kind === 'gap') return { ...event, atSample: event.atSample + begin };
        end = begin + event.startSample + event.samples.length;
        return { ...event, startSample: event.startSample + begin };
      }),
    );
    // A file without a single sample would be begun again without end.
    const again = () =>
      end > begin ? of(0) : throwError(() => new SynestheteError('NO_AUDIO', `${name} is empty`));
    return round.pipe(repeat({ delay: again }));
  });
}
