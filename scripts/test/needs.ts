import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT, STEPS, type Step } from '../build/steps.ts';

const RELATIVE = /['"`](\.{1,2}\/[^'"`\s]*)['"`]/g;
const NAMED = /['"`](#[\w-]+)['"`]/g;

const { imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  imports: Record<string, string>;
};

/**
 * Follows what files import, and whatever else of the checkout they name.
 *
 * @param files paths from the root
 * @returns the steps that make what is named on the way; all of them where the built program is, since that uses everything
 */
export function stepsFor(files: readonly string[]): readonly Step[] {
  const seen = new Set<string>();
  const built = new Set<string>();
  const open = [...files];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const folder = dirname(join(ROOT, path));
    const text = readFileSync(join(ROOT, path), 'utf8');
    const named = [
      ...[...text.matchAll(RELATIVE)].map(([, name]) => relative(ROOT, join(folder, name!))),
      ...[...text.matchAll(NAMED)].flatMap(([, name]) => imports[name!] ?? []).map((name) => join(name)),
    ];
    for (const name of named) {
      if (name.startsWith('dist/')) built.add(name);
      else if (name.endsWith('.ts') && existsSync(join(ROOT, name)) && statSync(join(ROOT, name)).isFile())
        open.push(name);
    }
  }
  const isNamed = ({ outputs }: Step): boolean =>
    [...built].some((path) => outputs.some((output) => `${path}/`.startsWith(`${output}/`)));
  const steps = STEPS.filter(isNamed);
  return steps.some(({ name }) => name === 'program') ? STEPS : steps;
}
