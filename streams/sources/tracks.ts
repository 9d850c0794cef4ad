import { resolve } from 'node:path';
import { SynestheteError } from '../../models/errors.ts';
import { startFailure } from '../../models/start-process.ts';
import { beginningOf } from './check-file.ts';
import { startChild } from './child.ts';

/** Lines of a list of tracks, at most; a file may say anything in its tags. */
const MOST_LINES = 10_000;

/** A sound track of a file. */
interface Track {
  /** From 1 on, among the sound tracks of the file. */
  readonly number: number;
  /** Whether the file says that players should take it. */
  readonly isDefault: boolean;
  /** ISO 639, such as `ger`; undefined where the file does not say. */
  readonly language: string | undefined;
}

/**
 * Number of the sound track that is heard: the wanted one; else the one that the file marks as default, otherwise its first.
 *
 * @throws SynestheteError OUT_OF_RANGE where the file does not have the wanted one, CANNOT_START
 */
export async function chooseTrack(
  ffmpeg: string,
  path: string,
  wanted: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  // Listing takes a start of ffmpeg, which most files don't need.
  if (wanted === undefined && holdsOneTrack(await beginningOf(path))) return 1;
  const tracks = await tracksOf(ffmpeg, path, signal);
  if (wanted === undefined || tracks.length === 0) return defaultTrack(tracks);
  if (wanted <= tracks.length) return wanted;
  const names = tracks.map(
    ({ number, language }) => `${number}${language === undefined ? '' : ` (${language})`}`,
  );
  throw new SynestheteError(
    'OUT_OF_RANGE',
    `${path} has no sound track ${wanted}: it has ${names.join(', ')}`,
  );
}

/** The sound tracks of a file, as ffmpeg lists them; none where it can't read the file. */
async function tracksOf(ffmpeg: string, path: string, signal: AbortSignal): Promise<Track[]> {
  const args = ['-hide_banner', '-nostdin', '-protocol_whitelist', 'file', '-i', `file:${resolve(path)}`];
  // It lists on standard error, and then fails, as it was given nothing to write.
  const lines: string[] = [];
  const child = startChild(ffmpeg, args, {
    signal,
    guarded: true,
    onErrorLine: (line) => {
      if (lines.length < MOST_LINES) lines.push(line);
    },
  });
  child.stdout.resume();
  const { failure } = await child.ended;
  if (failure !== undefined) throw startFailure(ffmpeg, failure);
  return parseTracks(lines.join('\n'));
}

/** Reads lines such as `  Stream #0:1[0x2](ger): Audio: flac, 44100 Hz, stereo, s16 (default)`. */
function parseTracks(text: string): Track[] {
  const lines = text.matchAll(/^ +Stream #0:\d+(?:\[[^\]]*\])?(?:\((\w+)\))?: Audio: (.*)$/gm);
  return [...lines].map(([, language, about], index) => ({
    number: index + 1,
    isDefault: about!.includes('(default)'),
    language: language === 'und' ? undefined : language,
  }));
}

/** The track that a player would take: the first that the file marks as default, otherwise the first. */
function defaultTrack(tracks: readonly Track[]): number {
  return tracks.find(({ isDefault }) => isDefault)?.number ?? 1;
}

/** Whether a file that begins with these bytes can't hold more than one track: WAV, FLAC, mp3. */
function holdsOneTrack(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, 4);
  const isMpegAudio = bytes[0] === 0xff && (bytes[1]! & 0xe0) === 0xe0;
  return isMpegAudio || text === 'RIFF' || text === 'RF64' || text === 'fLaC' || text.startsWith('ID3');
}
