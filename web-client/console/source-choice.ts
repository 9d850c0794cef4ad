import type { Status } from './status.ts';

/** The sources that the show can switch to, and which of them it hears now: that one appears under its own name. */
export function sourceChoice(
  {
    source,
    sources,
  }: {
    readonly source: Pick<Status['source'], 'name' | 'kind' | 'device'>;
    readonly sources: readonly string[];
  },
  devices: readonly string[],
): { readonly names: readonly string[]; readonly chosen: string } {
  const names = [...new Set([...sources, ...devices.map((device) => `device:${device}`)])];
  const { kind, device } = source;
  const name = device?.name ?? source.name;
  const full = `${kind}:${name}`;
  if (names.includes(full)) return { names, chosen: full };
  if (names.includes(name)) return { names, chosen: name };
  // A device is away, or not known yet by its own name.
  const chosen = kind === 'device' ? full : name;
  return { names: [...names, chosen], chosen };
}
