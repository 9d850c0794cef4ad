import type { Status } from './status.ts';

/** What `source` can be switched to, and which of it is heard now: a device or file goes by its own name while it is. */
export function sourceChoice(
  {
    source,
    sources,
  }: { readonly source: Pick<Status['source'], 'name' | 'kind'>; readonly sources: readonly string[] },
  devices: readonly string[],
): { readonly names: readonly string[]; readonly chosen: string } {
  const names = [...new Set([...sources, ...devices.map((device) => `device:${device}`)])];
  const { name, kind } = source;
  const full = `${kind}:${name}`;
  if (names.includes(full)) return { names, chosen: full };
  if (names.includes(name)) return { names, chosen: name };
  // It was chosen when the show was started, by a part of its name or as `default`.
  const chosen = kind === 'device' ? full : name;
  return { names: [...names, chosen], chosen };
}
