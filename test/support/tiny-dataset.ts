import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { Graph, sizeOf } from '../../models/graph/index.ts';
import { TrainingGraph } from '../../models/graph/training/index.ts';
import { resnetFeatures } from '../../models/networks/index.ts';
import { initialState, trainingLayers } from '../../models/networks/training/index.ts';
import { writeSafetensors } from '../../models/weights/index.ts';

export interface TinyDataset {
  readonly images: string;
  readonly music: string;
}

export interface PlaneMood {
  readonly valence: number;
  readonly arousal: number;
}

/** Spread over the unit square by two irrational steps. */
export function mood(index: number): PlaneMood {
  return { valence: (0.1 + 0.618 * index) % 1, arousal: (0.3 + 0.755 * index) % 1 };
}

/** Warm where valence is high, striped the finer the higher the arousal. */
export async function picture(path: string, { valence, arousal }: PlaneMood): Promise<void> {
  const side = 32;
  const pixels = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const stripe = 0.5 + 0.5 * Math.sin(x * (0.2 + 2 * arousal));
      const at = 3 * (y * side + x);
      pixels[at] = 255 * valence * stripe;
      pixels[at + 1] = 90;
      pixels[at + 2] = 255 * (1 - valence) * stripe;
    }
  }
  await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toFile(path);
}

/** A chord, major where valence is high, the louder and brighter the higher the arousal, as 16-bit WAV. */
export async function sound(path: string, { valence, arousal }: PlaneMood, seconds: number): Promise<void> {
  const samples = Math.round(seconds * SAMPLE_RATE_HZ);
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  bytes.writeUInt32LE(2 * SAMPLE_RATE_HZ, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples, 40);
  const third = valence > 0.5 ? 1.26 : 1.189;
  for (let n = 0; n < samples; n++) {
    const t = (2 * Math.PI * n) / SAMPLE_RATE_HZ;
    const chord = [1, third, 1.498].reduce((sum, ratio) => sum + Math.sin(220 * ratio * t), 0);
    const bright = arousal * Math.sin(2200 * t);
    bytes.writeInt16LE(Math.round(6000 * (0.2 + arousal) * (chord / 3 + bright)), 44 + 2 * n);
  }
  await writeFile(path, bytes);
}

/**
 * Rated pictures (32×32 PNG) and rated sounds (WAV of 4 s: two clips each) by formula, with manifests: the first of each
 * in the split val, the others in train.
 */
export async function tinyDataset(
  folder: string,
  counts: { readonly train: number; readonly val: number } = { train: 10, val: 4 },
): Promise<TinyDataset> {
  await mkdir(folder, { recursive: true });
  const all = Array.from({ length: counts.train + counts.val }, (_, index) => index);
  const manifest = async (
    name: string,
    extension: string,
    make: (path: string, mood: PlaneMood) => Promise<void>,
    offset: number,
  ): Promise<string> => {
    const lines = ['file,valence,arousal,split'];
    for (const index of all) {
      const place = mood(index + offset);
      const file = `${name}${index}.${extension}`;
      await make(join(folder, file), place);
      lines.push(`${file},${place.valence},${place.arousal},${index < counts.val ? 'val' : 'train'}`);
    }
    const path = join(folder, `${name}.csv`);
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  };
  return {
    images: await manifest('images', 'png', picture, 0),
    music: await manifest('music', 'wav', (path, place) => sound(path, place, 4), 7),
  };
}

/** The narrowest networks that have everything the real ones have; small pictures. */
export const TINY_SETTINGS = {
  imageSize: 32,
  embedding: 16,
  width: 2,
  similarityHidden: [8, 4],
  moodHidden: [8, 4],
  frozen: true,
  batch: 8,
  microBatch: 4,
  epochs: 3,
  learningRate: 0.01,
  imageVariants: 1,
  clipVariants: 1,
};

/** Random weights of a ResNet-50 as narrow as TINY_SETTINGS, as a torchvision checkpoint; gives its path. */
export async function tinyBackbone(path: string): Promise<string> {
  const training = new TrainingGraph(new Graph());
  resnetFeatures(
    trainingLayers(training),
    training.graph.input('x', [2, 3, 32, 32]),
    50,
    TINY_SETTINGS.width,
  );
  const shapes = [...training.graph.inputs].filter(([name]) => name !== 'x');
  const trainable = shapes.map(([input, { shape }]) => ({ input, shape }));
  const initial = initialState(trainable, 5);
  const tensors = trainable.map(
    ({ input, shape }): [string, { shape: readonly number[]; data: Float32Array }] => [
      input,
      { shape, data: initial[input] ?? new Float32Array(sizeOf(shape)) },
    ],
  );
  await writeSafetensors(path, new Map(tensors));
  return path;
}
