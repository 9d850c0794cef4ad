import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';
import { MAIN } from '../src/cli/run.ts';

/** What the tests read of GET /api/state. */
interface LiveAnswer {
  readonly message: {
    readonly mood: { readonly valence: number; readonly arousal: number; readonly confidence: number };
    readonly show: { readonly state: string; readonly image: { readonly id: string; readonly file: string } };
    readonly level: { readonly rms: number };
  };
  readonly status: {
    readonly source: { readonly name: string; readonly state: string };
    readonly hold: boolean;
  };
}

export interface LiveProgram {
  readonly process: ChildProcess;
  /** HTTP address of the server, without a slash at its end. */
  readonly origin: string;
  readonly port: number;
  readonly state: () => Promise<LiveAnswer>;
  readonly control: (control: object) => Promise<void>;
  /** Resolves when the program has ended. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

/** Starts the built program, `synesthete live` with these arguments; it ends with the test. */
export function startLive(t: Test, ...args: string[]): Promise<LiveProgram> {
  return startLiveIn(t, {}, ...args);
}

/** The same, with these variables of the environment besides. */
export async function startLiveIn(
  t: Test,
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<LiveProgram> {
  const program = spawn(process.execPath, [MAIN, 'live', '--engine', 'cpu', ...args], {
    env: { ...process.env, NODE_V8_COVERAGE: '', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(program, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    program.kill(signal);
    await ended;
  };
  t.teardown(() => end('SIGINT'));
  const origin = await new Promise<string>((resolve, reject) => {
    let text = '';
    program.stdout.on('data', (data: Buffer) => {
      if (text === '-') return;
      text += data.toString();
      const found = /http:\/\/[\w.]+:\d+/.exec(text);
      if (found === null) return;
      text = '-';
      resolve(found[0]);
    });
    void ended.then(([code]) => {
      reject(new Error(`live ended with ${String(code)} before it was ready`));
    });
  });
  return {
    process: program,
    origin,
    port: Number(new URL(origin).port),
    async state() {
      for (;;) {
        const answer = (await (await fetch(`${origin}/api/state`)).json()) as LiveAnswer | { message: null };
        // A show that has just begun has nothing to say for a moment.
        if (answer.message !== null) return answer;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async control(control) {
      const response = await fetch(`${origin}/api/control`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(control),
      });
      t.equal(response.status, 200, await response.text());
    },
    end,
  };
}
