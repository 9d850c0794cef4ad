import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { formatTable } from './measure.ts';
import { withSoundFile } from './sound.ts';

const MINUTES = 60;
const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

interface Line {
  readonly heardSeconds: number;
  readonly realTimeFactor: number;
  readonly clipsTotal: number;
  readonly dropsTotal: number;
  readonly rssMegabytes: number;
}

/** An hour of sound through `listen` at full speed: memory at the start, in the middle and at the end. */
export async function benchListen(): Promise<string> {
  return withSoundFile(MINUTES, async (path) => {
    const lines = await listen(path);
    const at = (part: number) => {
      const seconds = part * MINUTES * 60;
      return lines.find(({ heardSeconds }) => heardSeconds >= seconds) ?? lines.at(-1)!;
    };
    // A minute of sound warms up: the engine compiles, buffers grow to their size.
    const rows = [1 / 60, 0.25, 0.5, 0.75, 1].map((part) => {
      const line = at(part);
      return [
        `after ${(line.heardSeconds / 60).toFixed(1)} min`,
        `${line.rssMegabytes.toFixed(0)} MB`,
        String(line.clipsTotal),
        String(line.dropsTotal),
        `${line.realTimeFactor.toFixed(1)} ×`,
      ];
    });
    return formatTable(
      [`${MINUTES} min through listen --pace max`, 'RSS', 'clips', 'drops', 'real time'],
      rows,
    );
  });
}

async function listen(path: string): Promise<Line[]> {
  const child = spawn(process.execPath, [MAIN, 'listen', path, '--pace', 'max', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Line);
  return lines;
}
