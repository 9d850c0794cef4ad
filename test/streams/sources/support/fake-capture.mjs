/**
 * Fake capture program: stands in for parec in tests. It does what its arguments say, in their order:
 * `send:N` writes N frames of a ramp (s16le mono), `say:TEXT` writes a line to standard error, `hang` goes on forever
 * without a word, `exit:N` ends.
 */
import { Buffer } from 'node:buffer';
import { writeSync } from 'node:fs';
import process from 'node:process';
import { setInterval } from 'node:timers';

let n = 0;
for (const step of process.argv.slice(2)) {
  const [verb, value] = step.split(/:(.*)/s);
  if (verb === 'send') {
    const bytes = Buffer.alloc(2 * Number(value));
    for (let i = 0; i < Number(value); i++) bytes.writeInt16LE(++n, 2 * i);
    writeSync(1, bytes);
  }
  if (verb === 'say') writeSync(2, `${value}\n`);
  if (verb === 'hang') setInterval(() => undefined, 1 << 30);
  if (verb === 'exit') process.exit(Number(value));
}
