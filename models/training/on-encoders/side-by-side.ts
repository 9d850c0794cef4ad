import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isAborted } from '../../aborted.ts';
import { SynestheteError, type ErrorCode } from '../../errors.ts';
import type { Remedy } from '../../remedy.ts';
import { startProcess } from '../../start-process.ts';
import type { JobHandling, JobOptions, NetworkJob, NetworksGround } from './network-trainer.ts';
import { poolWithout } from './pool.ts';
import type { Lesson, Trained } from './student.ts';

/**
 * To a process: first the shared inputs, then networks, one after the other, each with its training points; `stop` ends
 * the current one.
 */
export type NetworkRequest =
  | ({ readonly kind: 'begin' } & NetworksGround)
  | ({ readonly kind: 'train' } & NetworkJob)
  | { readonly kind: 'stop' };

/** From a process; `trained` without a network when it was stopped. */
export type NetworkAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'epoch'; readonly epoch: number }
  | { readonly kind: 'trained'; readonly trained: Trained | undefined }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly code?: ErrorCode;
      readonly remedy?: Remedy | undefined;
    };

/** A process of `network-process.ts`. */
class NetworkProcess {
  readonly #child: ChildProcess;
  #answer: (answer: NetworkAnswer) => void = () => undefined;
  /** Why it ended, once it has. */
  #end: Extract<NetworkAnswer, { kind: 'failed' }> | undefined;

  /**
   * @param ground the shared inputs of all networks
   * @throws SynestheteError CANNOT_START
   */
  static async start(ground: NetworksGround): Promise<NetworkProcess> {
    const file = import.meta.url.endsWith('.ts') ? './network-process.ts' : './network-process.js';
    const child = await startProcess('a process that trains a network', () =>
      fork(fileURLToPath(new URL(file, import.meta.url)), {
        serialization: 'advanced',
        // Ctrl-C at a terminal goes to all processes of its group: a group of its own protects this one before its
        // handlers are installed, which takes a second.
        detached: process.platform !== 'win32',
        // The program itself uses standard output.
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    return new NetworkProcess(child, ground);
  }

  private constructor(child: ChildProcess, ground: NetworksGround) {
    this.#child = child;
    this.#child.on('message', (answer: NetworkAnswer) => {
      this.#answer(answer);
    });
    const ended = (how: string): void => {
      const message = `a process that trained a network has ended ${how}`;
      this.#end = {
        kind: 'failed',
        code: 'ENGINE_FAILED',
        message,
        remedy: { kind: 'train-in-one-process' },
      };
      this.#answer(this.#end);
    };
    this.#child.on('error', ({ message }) => {
      ended(`(${message})`);
    });
    this.#child.once('exit', (code, signal) => {
      ended(signal === null ? `with exit code ${code}` : `by ${signal}`);
    });
    void this.#send({ kind: 'begin', ...ground });
  }

  /** @throws SynestheteError ENGINE_FAILED */
  async ready(): Promise<void> {
    if (this.#end !== undefined) throw errorOf(this.#end);
    await new Promise<void>((resolve, reject) => {
      this.#answer = (answer) => {
        if (answer.kind === 'failed') reject(errorOf(answer));
        else resolve();
      };
    });
  }

  /** @throws SynestheteError DIVERGED, ENGINE_FAILED */
  async train(
    { without, pictures, clips, similarity }: NetworkJob,
    { epochDone, signal }: JobOptions,
    inTurn: Turns,
  ): Promise<Trained | undefined> {
    if (this.#end !== undefined) throw errorOf(this.#end);
    const answered = new Promise<Trained | undefined>((resolve, reject) => {
      this.#answer = (answer) => {
        if (answer.kind === 'failed') reject(errorOf(answer));
        else if (answer.kind === 'trained') resolve(answer.trained);
        else if (answer.kind === 'epoch') {
          epochDone(answer.epoch);
          if (isAborted(signal)) void this.#send({ kind: 'stop' });
        }
      };
    });
    answered.catch(() => undefined); // thrown below, in its turn
    await inTurn(() => {
      const kept = ({ pool, moods }: Lesson): Lesson => poolWithout(pool, moods, without);
      return this.#send({
        ...{ kind: 'train', without: -1, similarity },
        ...{ pictures: kept(pictures), clips: kept(clips) },
      });
    });
    return answered;
  }

  close(): void {
    this.#answer = () => undefined;
    this.#child.kill('SIGKILL');
  }

  /** Resolves when the message was sent; the end of the process reports failures. */
  #send(request: NetworkRequest): Promise<void> {
    return new Promise((resolve) => {
      this.#child.send(request, () => {
        resolve();
      });
    });
  }
}

/** Runs tasks one after the other. */
type Turns = (work: () => Promise<void>) => Promise<void>;

/** Points take 100 MB and more, twice while they are sent: send them to one process at a time. */
function turns(): Turns {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work);
    return last;
  };
}

/**
 * Trains networks in several processes, each on one core: a step consists of many small products, which more cores
 * don't speed up. The networks equal those from one process, bit for bit.
 *
 * @returns whether all of them were trained; false when it was stopped
 * @throws SynestheteError DIVERGED, ENGINE_FAILED, CANNOT_START
 */
export async function trainSideBySide<J extends NetworkJob>(
  jobs: readonly J[],
  ground: NetworksGround,
  count: number,
  { optionsOf, trained }: JobHandling<J>,
): Promise<boolean> {
  const processes: NetworkProcess[] = [];
  const inTurn = turns();
  let next = 0;
  const work = async (of: NetworkProcess): Promise<boolean> => {
    await of.ready();
    while (next < jobs.length) {
      const job = jobs[next++]!;
      const network = await of.train(job, optionsOf(job), inTurn);
      if (network === undefined) return false;
      await trained(job, network);
    }
    return true;
  };
  try {
    for (let i = 0; i < Math.min(count, jobs.length); i++) {
      processes.push(await NetworkProcess.start(ground));
    }
    return (await Promise.all(processes.map(work))).every(Boolean);
  } finally {
    for (const of of processes) of.close();
  }
}

/** An error from another process has lost its class, but not its code. */
function errorOf({ code, message, remedy }: Extract<NetworkAnswer, { kind: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new SynestheteError(code, message, { remedy });
}
