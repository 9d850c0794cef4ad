import { SynestheteError, messageOf } from '../../errors.ts';
import { makeRendition, type RenditionRequest } from './make.ts';
import type { RenditionAnswer } from './maker.ts';

/* A process of a low priority that makes renditions, one after the other: see `RenditionMaker`. */

// The program itself ends this process, by ending or by closing its channel.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
if (!process.connected) process.exit();
process.title = 'synesthete: renditions';

process.on('message', (request: RenditionRequest) => {
  makeRendition(request).then(
    () => {
      answer({ ok: true });
    },
    (error: unknown) => {
      answer({
        ok: false,
        code: error instanceof SynestheteError ? error.code : 'BAD_PICTURE',
        message: messageOf(error),
      });
    },
  );
});

function answer(answer: RenditionAnswer): void {
  process.send!(answer);
}
