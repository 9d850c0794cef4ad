import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anchorsOf, markdownFiles, partsOf } from './markdown.ts';

interface Link {
  readonly target: string;
  readonly line: number;
}

/** Inline links and pictures, and definitions of references, that stand outside of code. */
function linksOf(text: string): Link[] {
  const prose = partsOf(text).prose.replaceAll(/`[^`\n]*`/g, (code) => ' '.repeat(code.length));
  const found = prose.matchAll(/\]\(\s*<?([^\s<>)]+)>?[^)]*\)|^\[[^\]]+\]:\s*<?([^\s<>]+)>?/gm);
  return Array.from(found, ({ 1: inline, 2: defined, index }) => ({
    target: inline ?? defined ?? '',
    line: prose.slice(0, index).split('\n').length,
  }));
}

/**
 * What is wrong with the relative links of all Markdown files below a folder: a file that is not there or lies outside of the
 * folder, or an anchor that no heading has. Addresses with a scheme are not looked at.
 *
 * @returns a line for each
 */
export async function brokenLinks(root: string): Promise<string[]> {
  const files = await markdownFiles(root);
  const pages = new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const)),
  );
  return [...pages].flatMap(([file, text]) =>
    linksOf(text).flatMap(({ target, line }) => {
      if (/^[a-z][a-z\d+.-]*:/i.test(target)) return [];
      const [path = '', anchor] = target.split('#', 2);
      const place = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)));
      const problem = problemOf(root, place, anchor, pages);
      return problem === undefined ? [] : [`${file}:${line}: ${target}: ${problem}`];
    }),
  );
}

function problemOf(
  root: string,
  place: string,
  anchor: string | undefined,
  pages: ReadonlyMap<string, string>,
): string | undefined {
  if (place.startsWith('..')) return 'lies outside of the project';
  if (!existsSync(join(root, place))) return 'there is no such file';
  if (anchor === undefined) return undefined;
  const page = pages.get(place);
  if (page === undefined) return 'only headings of Markdown files are linked to';
  return anchorsOf(page).has(anchor) ? undefined : 'there is no such heading';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const broken = await brokenLinks(fileURLToPath(new URL('..', import.meta.url)));
  for (const line of broken) process.stderr.write(`${line}\n`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}
