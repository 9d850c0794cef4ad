import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import sharp from 'sharp';
import { SynestheteError, messageOf } from '../../models/errors.ts';
import { startProcess } from '../../models/start-process.ts';
import { temporaryBeside } from '../../models/temporary.ts';
import { writeFailure } from '../../models/write-whole.ts';
import { findFfmpeg } from '../../streams/sources/index.ts';
import type { ShowGallery } from '../show/index.ts';
import type { Part } from './parts.ts';
import { SOUND_FORMAT, feedSound } from './video-sound.ts';
import type { Shown } from './timeline.ts';

export interface VideoOptions {
  readonly path: string;
  /** The sound: the files as they were heard, one after the other. */
  readonly parts: readonly Part[];
  readonly shown: readonly Shown[];
  readonly endSeconds: number;
  readonly gallery: ShowGallery;
  /** Even numbers: H.264 stores colours at half the size. */
  readonly width: number;
  readonly height: number;
  /** Called as frames are done, with the seconds of the show so far. */
  readonly onProgress: (seconds: number) => void;
  /** Called once for each picture that can't be read any more: the one before stays. */
  readonly onLostPicture: (line: string) => void;
  readonly signal: AbortSignal;
}

const FRAMES_A_SECOND = 25;
/** Pictures kept decoded: they come again. At 1280 × 720 each is 2.8 MB. */
const MOST_DECODED = 8;

/**
 * Writes the show with its sound as H.264 and AAC in an MP4, whole or not at all. The frames are made here and given to
 * ffmpeg one by one: older builds of ffmpeg have no crossfades (xfade), and a chain of hundreds takes memory for all
 * pictures at once.
 *
 * Rejects with PROGRAM_MISSING, CANNOT_START, WRITE_FAILED, and with the signal's reason.
 */
export async function writeVideo(options: VideoOptions): Promise<void> {
  const { path, signal } = options;
  const ffmpeg = await findFfmpeg();
  const beside = await temporaryBeside(path);
  const child = await startProcess('ffmpeg', () =>
    spawn(ffmpeg, argumentsFor(options, beside), {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    }),
  );
  const complaints: string[] = [];
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    if (complaints.length < 20) complaints.push(...text.trim().split('\n'));
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  // How ffmpeg ends says why a pipe broke.
  child.stdin!.on('error', () => undefined);
  const sound = child.stdio[3] as Writable;
  sound.on('error', () => undefined);
  const abort = () => child.kill('SIGKILL');
  signal.addEventListener('abort', abort);
  try {
    await Promise.all([feed(child, options), feedSound(sound, options.parts, signal)]);
    const [code] = await ended;
    signal.throwIfAborted();
    if (code !== 0) throw failure(path, complaints);
    await rename(beside, path).catch((error: unknown) => {
      throw writeFailure(path, error);
    });
  } finally {
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
    await rm(beside, { force: true });
  }
}

function failure(path: string, complaints: readonly string[]): SynestheteError {
  const said = complaints[0] ?? 'it ended without a word';
  if (/Unknown encoder/i.test(complaints.join(' '))) {
    return new SynestheteError(
      'PROGRAM_MISSING',
      `${path} needs an ffmpeg with libx264 and aac: install one, or unset SYNESTHETE_FFMPEG to use another (${said})`,
    );
  }
  return new SynestheteError('WRITE_FAILED', `${path} can't be written: ffmpeg says: ${said}`);
}

function argumentsFor({ width, height }: VideoOptions, beside: string): string[] {
  // Converts bytes of sRGB to the video range and matrix that players expect of HD.
  const colour = '[0:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[picture]';
  return [
    ...['-hide_banner', '-loglevel', 'error', '-y', '-protocol_whitelist', 'file,pipe'],
    ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`],
    ...['-r', String(FRAMES_A_SECOND), '-i', 'pipe:0'],
    ...['-protocol_whitelist', 'file,pipe', ...SOUND_FORMAT, '-i', 'pipe:3'],
    ...['-filter_complex', colour, '-map', '[picture]', '-map', '1:a:0'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
    ...['-c:a', 'aac', '-b:a', '192k', '-map_metadata', '-1', '-movflags', '+faststart'],
    ...['-f', 'mp4', `file:${resolve(beside)}`],
  ];
}

async function feed(child: ChildProcess, options: VideoOptions): Promise<void> {
  const { endSeconds, onProgress, signal } = options;
  const stdin = child.stdin!;
  const gone = once(child, 'close');
  const frames = new Frames(options);
  const count = Math.ceil(endSeconds * FRAMES_A_SECOND);
  for (let n = 0; n < count; n++) {
    signal.throwIfAborted();
    const isTaken = stdin.write(await frames.at(n / FRAMES_A_SECOND));
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (!isTaken) await Promise.race([once(stdin, 'drain').catch(() => undefined), gone]);
    if (n % FRAMES_A_SECOND === 0) onProgress(n / FRAMES_A_SECOND);
  }
  stdin.end();
}

/** The frame of each moment; ask in the order of time. */
class Frames {
  readonly #options: VideoOptions;
  readonly #decoded = new Map<string, Promise<Buffer>>();
  /** What was on the screen when the newest picture began to come. */
  #before: Buffer;
  #newest: Buffer;
  #frame: Buffer;
  readonly #lost = new Set<string>();
  #next = 0;
  #current: Shown | undefined;

  constructor(options: VideoOptions) {
    this.#options = options;
    this.#before = this.#newest = this.#frame = this.#black();
  }

  async at(seconds: number): Promise<Buffer> {
    const { shown } = this.#options;
    for (; shown[this.#next] !== undefined && shown[this.#next]!.fromSeconds <= seconds; this.#next++) {
      this.#current = shown[this.#next]!;
      this.#before = this.#frame;
      this.#newest = await this.#decode(this.#current.image).catch((error: unknown) => {
        // Hours of work are not lost over one picture.
        this.#tellLost(this.#current!.image!, error);
        return this.#newest;
      });
    }
    if (this.#current === undefined) return this.#frame;
    const { fromSeconds, crossfadeSeconds } = this.#current;
    const part = crossfadeSeconds === 0 ? 1 : Math.min(1, (seconds - fromSeconds) / crossfadeSeconds);
    // The first picture of a show does not fade in from black.
    this.#frame = part === 1 || this.#next === 1 ? this.#newest : mixed(this.#before, this.#newest, part);
    return this.#frame;
  }

  #tellLost(image: string, error: unknown): void {
    if (this.#lost.has(image)) return;
    this.#lost.add(image);
    const { gallery, onLostPicture } = this.#options;
    const name = gallery.filesOf(image)?.name ?? image;
    onLostPicture(`${name} can't be read (${messageOf(error)}): the picture before it stays in the video`);
  }

  #decode(image: string | null): Promise<Buffer> {
    if (image === null) return Promise.resolve(this.#black());
    const known = this.#decoded.get(image) ?? this.#read(image);
    this.#decoded.delete(image);
    this.#decoded.set(image, known);
    if (this.#decoded.size > MOST_DECODED) this.#decoded.delete(this.#decoded.keys().next().value!);
    return known;
  }

  async #read(image: string): Promise<Buffer> {
    const { gallery, width, height } = this.#options;
    return sharp(gallery.filesOf(image)!.rendition)
      .resize(width, height, { fit: 'contain', background: '#000' })
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
  }

  #black(): Buffer {
    return Buffer.alloc(this.#options.width * this.#options.height * 3);
  }
}

/** Mixes two pictures byte by byte; the part of the second is in 256ths. */
function mixed(from: Buffer, to: Buffer, part: number): Buffer {
  const share = Math.round(part * 256);
  const mix = Buffer.allocUnsafe(from.length);
  for (let i = 0; i < mix.length; i++) mix[i] = from[i]! + (((to[i]! - from[i]!) * share) >> 8);
  return mix;
}
