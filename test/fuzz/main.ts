/** `npm run fuzz -- --seed N --count N`: see CONTRIBUTING.md. Exit code 1 when a reader could not stand a file. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { KINDS, type Kind } from './samples.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    kind: { type: 'string', multiple: true, default: [...KINDS] },
    keep: { type: 'string', default: 'fuzz-failures' },
  },
});
const [seed, count, from] = [values.seed, values.count, values.from].map(Number) as [number, number, number];
const unknown = values.kind.find((kind) => !(KINDS as readonly string[]).includes(kind));
if (
  unknown !== undefined ||
  ![seed, count, from].every((number) => Number.isInteger(number) && number >= 0)
) {
  process.stderr.write(
    `--seed, --count and --from are whole numbers, --kind is one of ${KINDS.join(', ')}\n`,
  );
  process.exit(2);
}
const { outcomes, failures } = await fuzz({
  ...{ seed, count, from, keep: values.keep },
  kinds: values.kind as Kind[],
  onDone: (kind, done) => {
    if (done % 20 === 0) process.stderr.write(`${kind}: ${done} of ${count}\n`);
  },
});
for (const [kind, of] of Object.entries(outcomes)) {
  const counts = Object.entries(of).map(([outcome, times]) => `${outcome} ${times}`);
  process.stdout.write(`${kind}: ${counts.join(', ')}\n`);
}
for (const failure of failures) process.stdout.write(`${failure}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
