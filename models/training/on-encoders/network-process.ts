import { once } from 'node:events';
import { openEngine } from '../../engine/index.ts';
import { SynestheteError, messageOf } from '../../errors.ts';
import { openNetworkTrainer } from './network-trainer.ts';
import type { NetworkAnswer, NetworkRequest } from './side-by-side.ts';

/* A process that trains networks one after the other on one core, beside other such processes: see `trainSideBySide`. */

// Ctrl-C at a terminal, a closed terminal and a service manager's SIGTERM go to all processes; this one ignores them:
// the program ends it at the next epoch, or by ending itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
if (!process.connected) process.exit();
process.title = 'synesthete: training';

const [begin] = (await once(process, 'message')) as [Extract<NetworkRequest, { kind: 'begin' }>];
const trainer = await openNetworkTrainer(await openEngine('cpu', { threads: 1 }), begin);
const stop = new AbortController();

process.on('message', (request: NetworkRequest) => {
  if (request.kind === 'stop') stop.abort();
  if (request.kind === 'train') {
    train(request).catch((error: unknown) => {
      const message = messageOf(error);
      send({
        kind: 'failed',
        message,
        ...(error instanceof SynestheteError && { code: error.code, remedy: error.remedy }),
      });
    });
  }
});
send({ kind: 'ready' });

async function train(request: Extract<NetworkRequest, { kind: 'train' }>): Promise<void> {
  const trained = await trainer.train(request, {
    epochDone: (epoch) => {
      send({ kind: 'epoch', epoch });
    },
    signal: stop.signal,
  });
  send({ kind: 'trained', trained });
}

function send(answer: NetworkAnswer): void {
  process.send!(answer);
}
