import { readFile, writeFile } from 'node:fs/promises';
import { sha256 } from '../../../../models/checksum.ts';

const HEAD_BYTES = 64;

interface SectionPlace {
  start: number;
  bytes: number;
  sha256: string;
}

/** What an index holds, open to changes that its writer would never make. */
export interface IndexContents {
  /** The directory as parsed; nothing checks what a test makes of it. */
  directory: Record<string, unknown> & { sections: Record<string, SectionPlace>; pictures: number };
  /** The bytes of a section, to be changed in place. */
  readonly section: (name: string) => Buffer;
  /** Takes the place of the directory's JSON. */
  text?: string;
  /** Takes the place of the directory's start in the head. */
  start?: bigint;
}

/** Changes an index and makes all its checksums right again, as somebody with intent would. */
export async function craftIndex(path: string, change: (contents: IndexContents) => void): Promise<void> {
  const file = await readFile(path);
  const end = Number(file.readBigUInt64LE(8));
  const directory = JSON.parse(file.toString('utf8', end)) as IndexContents['directory'];
  const changed = new Set<string>();
  const contents: IndexContents = {
    directory,
    section(name) {
      changed.add(name);
      const { start, bytes } = directory.sections[name]!;
      return file.subarray(start, start + bytes);
    },
  };
  change(contents);
  for (const name of changed) {
    const { start, bytes } = directory.sections[name]!;
    directory.sections[name]!.sha256 = sha256(file.subarray(start, start + bytes));
  }
  const text = Buffer.from(contents.text ?? JSON.stringify(directory));
  file.writeBigUInt64LE(contents.start ?? BigInt(end), 8);
  file.writeBigUInt64LE(BigInt(text.length), 16);
  file.write(sha256(text), 24, 'hex');
  await writeFile(path, Buffer.concat([file.subarray(0, Math.max(HEAD_BYTES, end)), text]));
}
