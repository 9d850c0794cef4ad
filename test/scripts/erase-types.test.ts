import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

/** What TypeScript writes on fewer lines, and on more; texts of several lines. */
const SOURCE = `import type { Test } from 'tap';

interface Point {
  readonly x: number;
}

export const lines: number[] = [];
// A comment stays behind.
function here(): void {
  lines.push(Number(/:(\\d+):\\d+$/m.exec(new Error().stack!.split('\\n')[2]!)![1]));
}

export type Unused = Test & Point;
for (const n of [1, 2]) if (n === 1) continue; else here();
try { here(); } finally { here(); }
here();
export const text = \`one
  \${lines.length satisfies number} two
    // three
\${'four' as string}\`;

here();
`;

t.test('types are taken away, and each line stays where it was', async (t) => {
  const path = join(t.testdir({}), 'source.ts');
  writeFileSync(path, SOURCE);
  const { lines, text } = (await import(pathToFileURL(path).href)) as { lines: number[]; text: string };
  t.strictSame(lines, [14, 15, 15, 16, 22]);
  t.equal(text, 'one\n  4 two\n    // three\nfour');
});
