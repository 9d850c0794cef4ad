import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { openEngine } from '../models/engine/index.ts';
import { openModel } from '../models/families/index.ts';
import type { Mood } from '../models/model/index.ts';
import { openPicture, squash } from '../models/pictures/index.ts';
import { writeWhole } from '../models/write-whole.ts';
import { ARTS, Brush, HEIGHT, WIDTH } from './art/index.ts';
import { RATE_HZ, compose } from './music/index.ts';

/*
 * Makes the bundled gallery and music: draws many pictures of each kind, predicts their moods with the default
 * model, and keeps those that spread widest over the plane.
 */

const PICTURES = 76;
/** Pictures drawn of each kind. */
const DRAWN = 4;

interface Candidate extends Mood {
  readonly name: string;
  readonly webp: Buffer;
}

const folder = join(import.meta.dirname, '..', '..', 'demo');
const drawn = join(folder, 'drawn');

/** Drawings are kept, so that choosing again with another model is quick. */
async function draw(name: string, seed: number): Promise<Buffer> {
  const kept = join(drawn, `${name}-${seed}.webp`);
  const found = await readFile(kept).catch(() => undefined);
  if (found !== undefined) return found;
  const content = ARTS[name]!(new Brush(seed, name));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${content}</svg>`;
  const webp = await sharp(Buffer.from(svg), { unlimited: true }).webp({ quality: 58, effort: 6 }).toBuffer();
  await mkdir(drawn, { recursive: true });
  await writeFile(kept, webp);
  return webp;
}

/** Farthest-point sampling in the plane, first the picture nearest to the middle. */
function spread(candidates: readonly Candidate[]): Candidate[] {
  const mean = (of: (mood: Mood) => number): number =>
    candidates.reduce((sum, c) => sum + of(c), 0) / candidates.length;
  const deviation = (of: (mood: Mood) => number): number =>
    Math.sqrt(candidates.reduce((sum, c) => sum + (of(c) - mean(of)) ** 2, 0) / candidates.length);
  const valence = ({ valence: v }: Mood): number => v;
  const arousal = ({ arousal: a }: Mood): number => a;
  const scale = [deviation(valence), deviation(arousal)] as const;
  const middle = { valence: mean(valence), arousal: mean(arousal) };
  const distance = (a: Mood, b: Mood): number =>
    Math.hypot((a.valence - b.valence) / scale[0], (a.arousal - b.arousal) / scale[1]);
  const kept = [candidates.reduce((best, c) => (distance(c, middle) < distance(best, middle) ? c : best))];
  while (kept.length < PICTURES) {
    const open = candidates.filter((c) => !kept.includes(c));
    if (open.length === 0) break;
    const apart = (c: Candidate): number => Math.min(...kept.map((k) => distance(c, k)));
    kept.push(open.reduce((best, c) => (apart(c) > apart(best) ? c : best)));
  }
  return kept;
}

async function makeGallery(): Promise<void> {
  const model = await openModel(undefined, { engine: await openEngine('cpu') });
  const candidates: Candidate[] = [];
  for (const name of Object.keys(ARTS)) {
    for (let seed = 1; seed <= DRAWN; seed++) {
      const webp = await draw(name, seed);
      const [prediction] = await model.embedPictures([
        await squash(await openPicture({ name, bytes: webp }), model.pictureInput),
      ]);
      const { valence, arousal } = prediction!;
      candidates.push({ name: `${name}-${seed}`, webp, valence, arousal });
      process.stderr.write(`${name}-${seed}: valence ${valence.toFixed(2)}, arousal ${arousal.toFixed(2)}\n`);
    }
  }
  const gallery = join(folder, 'gallery');
  await mkdir(gallery, { recursive: true });
  for (const old of await readdir(gallery)) if (old.endsWith('.webp')) await rm(join(gallery, old));
  for (const { name, webp } of spread(candidates)) await writeWhole(join(gallery, `${name}.webp`), webp);
  await model.close();
}

async function makeMusic(): Promise<void> {
  const samples = compose();
  const encoder = spawn(
    'ffmpeg',
    `-v error -y -f f32le -ar ${RATE_HZ} -ac 2 -i pipe:0 -c:a libopus -b:a 56k -map_metadata -1 ${join(folder, 'music.ogg')}`.split(
      ' ',
    ),
    { stdio: ['pipe', 'inherit', 'inherit'] },
  );
  encoder.stdin.end(Buffer.from(samples.buffer));
  const [code] = (await once(encoder, 'exit')) as [number];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

const [what] = process.argv.slice(2);
if (what === 'draw') {
  for (const name of Object.keys(ARTS)) for (let seed = 1; seed <= DRAWN; seed++) await draw(name, seed);
} else {
  if (what !== 'gallery') await makeMusic();
  if (what !== 'music') await makeGallery();
}
