import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownFiles } from './markdown.ts';

/** Where sentences stand: code with its comments and messages, pages, documents. */
const ENDINGS = ['.ts', '.tsx', '.js', '.jsx', '.mjs', '.css', '.html', '.md', '.py', '.sh', '.yml'];

/** What plain, modern English doesn't say. After adding one, `npm run lint:words` finds its places. */
const AVOIDED: readonly RegExp[] = [
  /\b(?:is|are|be|been|was|were) told\b(?! apart)/,
  /\btold of\b/,
  /\bfor so long\b/,
  /\bwhoever\b/i,
  /\banew\b/,
  /\bgone on with\b/,
  /\bnobody to tell\b/,
  /\bin its stead\b/,
];

/** Phrases that are avoided, in all files of the project. @returns a line for each, with its place */
export async function avoidedPhrases(root: string): Promise<string[]> {
  const found = await Promise.all(
    (await ownFiles(root, ENDINGS)).map(async (file) => {
      if (file.endsWith(join('scripts', 'check-words.ts'))) return [];
      const lines = (await readFile(join(root, file), 'utf8')).split('\n');
      return lines.flatMap((line, at) =>
        AVOIDED.flatMap((pattern) => {
          const [phrase] = pattern.exec(line) ?? [];
          return phrase === undefined ? [] : [`${file}:${at + 1}: “${phrase}”: say who does what`];
        }),
      );
    }),
  );
  return found.flat();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await avoidedPhrases(fileURLToPath(new URL('..', import.meta.url)));
  for (const line of found) process.stderr.write(`${line}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
