import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo } from '../streams/sources/index.ts';

const RATE_HZ = 44_100;
const CHANNELS = 2;
/** The built-in sound repeats in pieces of this length. */
const PIECE_SECONDS = 60;

/**
 * Calls `use` with a WAV file (44.1 kHz, stereo, 16 bit) of a whole number of minutes of the built-in sound, and
 * deletes it afterwards. Only a minute is held in memory.
 */
export async function withSoundFile<T>(minutes: number, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'synesthete-bench-'));
  try {
    const path = join(folder, 'sound.wav');
    await writeWav(path, minutes);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeWav(path: string, minutes: number): Promise<void> {
  const signal = demo();
  const frames = PIECE_SECONDS * RATE_HZ;
  const piece = Buffer.alloc(frames * CHANNELS * 2);
  for (let frame = 0; frame < frames; frame++) {
    // The formula runs at half this rate: each value lasts two samples.
    const value = Math.round(32_767 * signal(Math.floor(frame / 2)));
    for (let channel = 0; channel < CHANNELS; channel++)
      piece.writeInt16LE(value, (frame * CHANNELS + channel) * 2);
  }
  const file = createWriteStream(path);
  file.write(wavHeader(minutes * piece.length));
  for (let minute = 0; minute < minutes; minute++) {
    if (!file.write(piece)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(CHANNELS, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * CHANNELS * 2, 28);
  header.writeUInt16LE(CHANNELS * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
