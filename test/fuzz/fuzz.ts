import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../models/checksum.ts';
import { craftIndex } from '../models/gallery/support/crafted-index.ts';
import { Chance, mutated } from './mutate.ts';
import type { Answer, Task } from './reader.ts';
import { makeSamples, type Kind, type Samples } from './samples.ts';

const READER = fileURLToPath(new URL('reader.ts', import.meta.url));
/** One file takes some tenths of a second, more on a busy machine. */
const LONGEST_MS = 60_000;
const MOST_MEMORY_BYTES = 2 * 2 ** 30;
const LAST_WORDS = 2000;

export interface FuzzOptions {
  readonly seed: number;
  /** The first number of a damaged file; by default 0. */
  readonly from?: number;
  /** Damaged files of each kind. */
  readonly count: number;
  readonly kinds: readonly Kind[];
  /** Folder for the files that a reader could not stand. */
  readonly keep: string;
  readonly onDone?: (kind: Kind, done: number) => void;
}

export interface FuzzReport {
  /** How often each outcome came, for each kind. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What a reader could not stand, one entry each: why, the kept file, and the command that tries it again. */
  readonly failures: readonly string[];
}

/** Damages files of each kind and has them read in a process of their own. The same seed gives the same files. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), 'synesthete-fuzz-'));
  const reader = new Reader();
  const outcomes: Record<string, Record<string, number>> = {};
  const failures: string[] = [];
  try {
    const samples = await makeSamples(folder);
    const { seed, from = 0, count, kinds } = options;
    for (const kind of kinds) {
      const of = (outcomes[kind] = {} as Record<string, number>);
      for (let number = from; number < from + count; number++) {
        const path = await damagedFile(join(folder, 'damaged'), samples, kind, `${seed}/${kind}/${number}`);
        const { outcome, fault } = await reader.read({ kind, path });
        of[outcome] = (of[outcome] ?? 0) + 1;
        if (fault !== undefined) failures.push(await kept(options, kind, number, path, fault));
        options.onDone?.(kind, number - from + 1);
      }
    }
  } finally {
    reader.end();
    await rm(folder, { recursive: true, force: true });
  }
  return { outcomes, failures };
}

async function kept(
  { seed, keep }: FuzzOptions,
  kind: Kind,
  number: number,
  path: string,
  fault: string,
): Promise<string> {
  await mkdir(keep, { recursive: true });
  const place = join(keep, `${kind}-${seed}-${number}-${path.slice(path.lastIndexOf('/') + 1)}`);
  await copyFile(path, place);
  const again = `npm run fuzz -- --kind ${kind} --seed ${seed} --from ${number} --count 1`;
  return `${kind} ${number}: ${fault}\n  kept as ${place}\n  again: ${again}`;
}

/** Writes the damaged file, beside what belongs to it. */
async function damagedFile(folder: string, samples: Samples, kind: Kind, seed: string): Promise<string> {
  const chance = new Chance(seed);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const names = [...samples[kind].keys()];
  const name = chance.of(names);
  const bytes = samples[kind].get(name)!;
  const path = join(folder, name);
  // Half of what has a checksum gets the right one for the damage, as somebody with intent would give it.
  const isSealed = chance.below(2) === 0;
  if (kind === 'index' && isSealed) {
    await writeFile(path, bytes);
    await craftIndex(path, (index) => {
      const section = chance.of(Object.keys(index.directory.sections));
      if (chance.below(2) === 0) mutated(index.section(section), chance).copy(index.section(section));
      else index.text = mutated(Buffer.from(JSON.stringify(index.directory)), chance).toString('latin1');
    });
    return path;
  }
  const damaged = mutated(bytes, chance);
  for (const [other, content] of samples[kind]) await writeFile(join(folder, other), content);
  await writeFile(path, damaged);
  if (kind === 'model' && name !== 'model.json' && isSealed) {
    const description = samples.model.get('model.json')!.toString();
    await writeFile(join(folder, 'model.json'), description.replace(sha256(bytes), sha256(damaged)));
  }
  return path;
}

/** The process that reads. It is started again when it ended, or was ended for taking too long. */
class Reader {
  #child: ChildProcess | undefined;
  #lastWords = '';

  async read(task: Task): Promise<{ readonly outcome: string; readonly fault?: string | undefined }> {
    const child = (this.#child ??= await this.#start());
    this.#lastWords = '';
    const answer = await new Promise<Answer | string>((resolve) => {
      const timer = setTimeout(() => {
        resolve(`it was not done within ${LONGEST_MS / 1000} s`);
      }, LONGEST_MS);
      const settle = (result: Answer | string): void => {
        clearTimeout(timer);
        child.removeAllListeners('message').removeAllListeners('exit');
        resolve(result);
      };
      child.once('message', (message) => {
        settle(message as Answer);
      });
      child.once('exit', (code, signal) => {
        settle(`the reader ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}`);
      });
      child.send(task);
    });
    if (typeof answer === 'string') {
      this.end();
      return { outcome: 'LOST', fault: `${answer} ${this.#lastWords}`.trim() };
    }
    return { outcome: answer.outcome, fault: faultOf(answer) ?? this.#stackPrinted() };
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  /** Loading it takes seconds, which are no part of a file's time. */
  async #start(): Promise<ChildProcess> {
    const child = fork(READER, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    await once(child, 'message');
    return child;
  }

  #stackPrinted(): string | undefined {
    return /\n\s+at /u.test(this.#lastWords) ? `a stack was printed: ${this.#lastWords}` : undefined;
  }
}

function faultOf({ message, stack, memoryBytes }: Answer): string | undefined {
  if (stack !== undefined) return stack;
  if (message.trim().includes('\n')) return `its message has several lines: ${message}`;
  if (memoryBytes > MOST_MEMORY_BYTES) return `the reader takes ${memoryBytes} bytes of memory`;
  return undefined;
}
