import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os';

/** Quantiles of many runs, in milliseconds or the unit that was measured. */
export interface Summary {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly runs: number;
}

export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? NaN;
  return { median: quantile(0.5), p10: quantile(0.1), p90: quantile(0.9), runs: sorted.length };
}

/**
 * Milliseconds of each contestant. They take turns, so that other load hits all of them alike and their ratios hold on
 * a busy machine too.
 *
 * @param warmUp Rounds that don't count: the engine compiles, tables are built.
 */
export async function race<Name extends string>(
  contestants: Readonly<Record<Name, () => void | Promise<void>>>,
  { warmUp = 10, repeats = 50 }: { warmUp?: number; repeats?: number } = {},
): Promise<Record<Name, Summary>> {
  const names = Object.keys(contestants) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -warmUp; round < repeats; round++) {
    for (const name of names) {
      const start = performance.now();
      await contestants[name]();
      if (round >= 0) samples.get(name)?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarize(samples.get(name) ?? [])])) as Record<
    Name,
    Summary
  >;
}

/** The machine on which the numbers below were measured. */
export function machineLine(): string {
  const load = loadavg()[0] ?? 0;
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${availableParallelism()} cores, ${platform()} ${arch()}, Node ${process.versions.node}, load ${load.toFixed(1)}`;
}

/** "1.23 ms (1.10 – 1.52)": the median, and between which times eight of ten runs lay. */
export function formatMs({ median, p10, p90 }: Summary): string {
  return `${median.toFixed(2).padStart(8)} ms (${p10.toFixed(2)} – ${p90.toFixed(2)})`;
}

/** Rows of text under a header, columns aligned; the first one to the left, the others to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
