/** Run by start-failures.test.ts as a process of its own, which may open few files: starts processes without one left. */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { filter, firstValueFrom } from 'rxjs';
import { Analyser, SupervisedAnalyser } from '../../../../streams/analysis/index.ts';
import { startChild } from '../../../../streams/sources/child.ts';
import { formulaRecipe } from '../../../support/recipes.ts';
import { descendantsOf } from '../../sources/support/processes.ts';

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const openFiles = (): number => readdirSync('/proc/self/fd').length;

const none = { count: 0, vectors: new Float32Array(0), moods: new Float32Array(0) };
const supervised = await SupervisedAnalyser.start(formulaRecipe(), () => Promise.resolve(none));
const before = openFiles();

const taken: number[] = [];
const takeAll = (): void => {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    say({ full: (error as NodeJS.ErrnoException).code });
  }
};
takeAll();
const failed = await Analyser.start({ model: formulaRecipe() }).catch((error: unknown) => error);
say({ analyser: failed });
const { signal } = new AbortController();
const child = startChild(process.execPath, ['--version'], {
  signal,
  guarded: true,
  onErrorLine: () => undefined,
});
child.stdout.resume();
say({ child: (await child.ended).failure?.code });

// The analysis ends, and what is free then is taken: it can't be started again until that is given back.
const refused = firstValueFrom(supervised.status.pipe(filter(({ message }) => message.includes('EMFILE'))));
const restarted = firstValueFrom(
  supervised.status.pipe(filter(({ state, restarts }) => state === 'running' && restarts > 0)),
);
process.kill(analysisProcess(), 'SIGKILL');
const again = setInterval(takeAll, 5);
say({ status: (await refused).message });
clearInterval(again);
for (const file of taken) closeSync(file);
say({ restarted: (await restarted).restarts });
const after = openFiles();
await supervised.close();
say({ leaked: Math.max(0, after - before) });
process.exit();

function analysisProcess(): number {
  // There is a file number to look with: one is given back.
  closeSync(taken.pop()!);
  return descendantsOf(process.pid)[0]!;
}
