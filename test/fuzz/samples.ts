import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastValueFrom, of } from 'rxjs';
import sharp from 'sharp';
import { sha256 } from '../../models/checksum.ts';
import { writeModelDescription, writeSafetensors } from '../../models/weights/index.ts';
import { keepSaved } from '../../src/live/state-file.ts';
import { DEFAULT_PROGRAM_SETTINGS, initialState } from '../../streams/program/index.ts';
import { encode } from '../streams/sources/support/ffmpeg.ts';
import { wav16 } from '../streams/sources/support/signals.ts';
import { formulaGallery } from '../support/formula-gallery.ts';
import { formulaModel } from '../support/formula-model.ts';

/** The kinds of files that are damaged. */
export const KINDS = ['audio', 'picture', 'index', 'state', 'model'] as const;
export type Kind = (typeof KINDS)[number];

/** Sound files, pictures and so on, by their names. */
export type Samples = Readonly<Record<Kind, ReadonlyMap<string, Buffer>>>;

/** Makes the sound files that are damaged, by formula. */
export async function makeSamples(folder: string): Promise<Samples> {
  return {
    audio: await audio(join(folder, 'audio')),
    picture: await pictures(),
    index: await index(join(folder, 'gallery')),
    state: await state(join(folder, 'state')),
    model: await model(join(folder, 'model')),
  };
}

async function audio(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  await mkdir(folder);
  const wav = join(folder, 'tone.wav');
  const sound = wav16(22_050, 2, 11_025, (n) => Math.round(9000 * Math.sin(n / 9) + 3000 * Math.sin(n / 71)));
  await writeFile(wav, sound);
  for (const name of ['tone.mp3', 'tone.flac', 'tone.ogg', 'tone.m4a', 'tone.aiff']) {
    await encode('-i', wav, '-metadata', 'title=a title', join(folder, name));
  }
  return contentsOf(folder);
}

async function pictures(): Promise<ReadonlyMap<string, Buffer>> {
  const side = 48;
  const pixels = Buffer.from(
    Uint8Array.from({ length: side * side * 3 }, (_, i) => Math.imul(i, i + 7) >> 3),
  );
  const picture = () => sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><defs><filter id="f"><feGaussianBlur stdDeviation="3"/></filter></defs><circle cx="30" cy="30" r="20" fill="#c24" filter="url(#f)"/><path d="M0 0L64 64" stroke="#123" stroke-width="5"/></svg>`;
  return new Map([
    [
      'p.jpg',
      await picture()
        .withExif({ IFD0: { Copyright: 'nobody' } })
        .jpeg()
        .toBuffer(),
    ],
    ['p-progressive.jpg', await picture().jpeg({ progressive: true }).toBuffer()],
    ['p.png', await picture().png().toBuffer()],
    ['p.webp', await picture().webp().toBuffer()],
    ['p.gif', await picture().gif().toBuffer()],
    ['p.tif', await picture().tiff({ compression: 'lzw' }).toBuffer()],
    ['p.avif', await picture().avif({ effort: 0 }).toBuffer()],
    ['p.svg', Buffer.from(svg)],
  ]);
}

async function index(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  await formulaGallery(folder, [
    [0.2, 0.4],
    [0.9, 0.1],
    [0.5, 0.8],
  ]);
  const all = await contentsOf(join(folder, '.synesthete'));
  return new Map([...all].filter(([name]) => name.endsWith('.index')));
}

async function state(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  await mkdir(folder);
  const path = join(folder, 'show.json');
  const remembered = { images: ['shown'], bans: ['aa', 'bb'], hold: false, pin: null, blackout: true };
  const begun = initialState(
    DEFAULT_PROGRAM_SETTINGS,
    { pictures: [], rowOf: new Map() } as never,
    remembered,
  );
  const chosen = { source: 'demo', model: 'built-in', begunWith: { source: 'demo', models: ['built-in'] } };
  const writing = keepSaved(
    path,
    of(begun),
    () => ({ chosen, night: undefined }),
    () => undefined,
  );
  await lastValueFrom(writing, { defaultValue: undefined });
  return new Map([['show.json', await readFile(path)]]);
}

async function model(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  await mkdir(folder);
  const path = join(folder, 'weights.safetensors');
  const line = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));
  await writeSafetensors(
    path,
    new Map([
      ['image.fc.weight', { shape: [16, 4], data: line(64) }],
      ['image.fc.bias', { shape: [16], data: line(16) }],
    ]),
  );
  const weights = [{ file: 'weights.safetensors', sha256: sha256(await readFile(path)) }];
  await writeModelDescription(join(folder, 'model.json'), { ...formulaModel().description, weights });
  return contentsOf(folder);
}

async function contentsOf(folder: string): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) contents.set(entry.name, await readFile(join(folder, entry.name)));
  }
  return contents;
}
