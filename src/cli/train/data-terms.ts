import { SynestheteError } from '../../../models/errors.ts';

/** Adds the terms of one `--data-terms` to those before it: the option may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/**
 * The terms of sets of data by their names. Each text is `name=terms` (several of them with `;` between), or the terms
 * of every set that no other text names.
 *
 * @param names of the sets that there are
 * @throws SynestheteError USAGE for terms of an unknown set
 */
export function termsOfSets(
  texts: readonly string[],
  names: readonly string[],
): (name: string) => string | undefined {
  const byName = new Map<string, string>();
  const ofOthers: string[] = [];
  for (const text of texts) {
    const parts = text.split(';').map((part) => /^\s*([\w.-]+)\s*=\s*(.+?)\s*$/.exec(part));
    const named = parts.flatMap((part) => (part === null ? [] : [[part[1]!, part[2]!] as const]));
    if (named.length < parts.length) ofOthers.push(text);
    else for (const [name, terms] of named) byName.set(name, terms);
  }
  const unknown = [...byName.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new SynestheteError(
      'USAGE',
      `--data-terms "${unknown}=…": there is no set ${unknown}; the sets are ${names.join(', ')}`,
    );
  }
  return (name) => byName.get(name) ?? (ofOthers.length === 0 ? undefined : ofOthers.join('; '));
}
