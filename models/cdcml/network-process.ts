import { once } from 'node:events';
import { openEngine } from '../engine/index.ts';
import { SynestheteError } from '../errors.ts';
import { trainingStep } from './network.ts';
import type { NetworkAnswer, NetworkRequest } from './side-by-side.ts';
import { trainStudent } from './student.ts';

/* A process that trains networks one after the other, on one core, while others train theirs: see `trainSideBySide`. */

// Ctrl-C at a terminal goes to all processes; this one ends at the next epoch, as the program tells it, or with it.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.title = 'synesthete: training';

const [begin] = (await once(process, 'message')) as [Extract<NetworkRequest, { kind: 'begin' }>];
const { settings, sigma, pictures, clips } = begin;
const engine = await openEngine('cpu', { threads: 1 });
const step = trainingStep(settings, { picture: pictures.size, clip: clips.size }, sigma, 'cpu');
const session = await engine.load(step.graph);
let isStopped = false;

process.on('message', (request: NetworkRequest) => {
  if (request.kind === 'stop') isStopped = true;
  if (request.kind === 'train') {
    train(request).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      send({
        kind: 'failed',
        message,
        ...(error instanceof SynestheteError && { code: error.code }),
      });
    });
  }
});
send({ kind: 'ready' });

async function train({
  without,
  moods,
  similarity,
}: Extract<NetworkRequest, { kind: 'train' }>): Promise<void> {
  const trained = await trainStudent({
    pictures: { pool: pictures, moods: moods.pictures },
    clips: { pool: clips, moods: moods.clips },
    without,
    similarity,
    settings,
    step,
    session,
    epochDone: (epoch) => {
      send({ kind: 'epoch', epoch });
    },
    isStopped: () => isStopped,
  });
  send({ kind: 'trained', trained });
}

function send(answer: NetworkAnswer): void {
  process.send!(answer);
}
