import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.tap']);

/** Our own files below a folder that end in one of these, as sorted paths from it. */
export async function ownFiles(root: string, endings: readonly string[], folder = ''): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : await ownFiles(root, endings, path);
      return entry.isFile() && endings.some((ending) => path.endsWith(ending)) ? [path] : [];
    }),
  );
  return found.flat().sort();
}

/** All Markdown files below a folder, as sorted paths from it. */
export function markdownFiles(root: string): Promise<string[]> {
  return ownFiles(root, ['.md']);
}

export interface CodeBlock {
  /** What stands after the fence: `sh`, `json`, …; empty where nothing does. */
  readonly language: string;
  readonly code: string;
  /** Of the fence; the first line of a page is 1. */
  readonly line: number;
  /** The text of an HTML comment that is the last thing before the fence. */
  readonly comment: string | undefined;
}

interface Parts {
  readonly blocks: readonly CodeBlock[];
  /** The page with its code blocked out, in as many lines. */
  readonly prose: string;
}

/** Parts a page into its fenced code and all else. */
export function partsOf(text: string): Parts {
  const blocks: CodeBlock[] = [];
  const prose: string[] = [];
  let open: { fence: string; indent: number; language: string; line: number; lines: string[] } | undefined;
  let comment: string | undefined;
  text.split('\n').forEach((line, index) => {
    const [, indent = '', fence = '', language = ''] = /^( *)(`{3,})\s*(\S*)/.exec(line) ?? [];
    if (open === undefined && fence === '') {
      if (line.trim() !== '') comment = /^\s*<!--\s*(.*?)\s*-->\s*$/.exec(line)?.[1];
      prose.push(line);
      return;
    }
    prose.push('');
    if (open === undefined) open = { fence, indent: indent.length, language, line: index + 1, lines: [] };
    else if (line.trim() === open.fence) {
      const { lines, ...block } = open;
      blocks.push({ language: block.language, code: lines.join('\n'), line: block.line, comment });
      [open, comment] = [undefined, undefined];
    } else open.lines.push(line.slice(open.indent));
  });
  return { blocks, prose: prose.join('\n') };
}

/** The anchors of a page's headings, as GitHub makes them: words in small letters, joined by hyphens. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const headings = partsOf(text).prose.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm);
  return new Set(
    Array.from(headings, ([, heading = '']) => {
      const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const anchor = words.replaceAll(/[^\p{L}\p{M}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
      const count = counts.get(anchor) ?? 0;
      counts.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}
