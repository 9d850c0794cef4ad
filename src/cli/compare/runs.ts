import type { LossTerm } from '../../../models/learning/losses/index.ts';

/** One training of a comparison. */
export interface ComparisonRun {
  /** Its folder. */
  readonly name: string;
  /** As a table shows it. */
  readonly title: string;
  readonly system: 'cdcml' | 'sp-net' | 'l3-net' | 'acp-net';
  /** By default the system's own. */
  readonly terms?: readonly LossTerm[];
}

/** Everything that the paper's Tables 3 and 4 hold, the quickest and most telling first, the slowest last. */
export const COMPARISON_RUNS: readonly ComparisonRun[] = [
  { name: 'acp-net', title: 'ACP-Net', system: 'acp-net' },
  { name: 'cdcml', title: 'CDCML (all terms)', system: 'cdcml' },
  { name: 'sp-net', title: 'SP-Net', system: 'sp-net' },
  { name: 'sim', title: 'sim', system: 'cdcml', terms: ['sim'] },
  { name: 'sim-cfr', title: 'sim + CFR', system: 'cdcml', terms: ['sim', 'cfr'] },
  {
    name: 'sim-cfr-cfm',
    title: 'sim + CFR + CFM',
    system: 'cdcml',
    terms: ['sim', 'cfr', 'cfm'],
  },
  { name: 'sim-va', title: 'sim + VA', system: 'cdcml', terms: ['sim', 'va'] },
  { name: 'l3-net', title: 'L3-Net', system: 'l3-net' },
];

const ORDER_IN_TABLE: Readonly<Record<3 | 4, readonly string[]>> = {
  3: ['sp-net', 'l3-net', 'acp-net', 'cdcml'],
  4: ['sim', 'sim-cfr', 'sim-cfr-cfm', 'sim-va', 'cdcml'],
};

/** The runs of a table, in the paper's order: its Table 3 compares systems, its Table 4 parts of CDCML's loss. */
export function runsOfTable(table: 3 | 4): readonly ComparisonRun[] {
  return ORDER_IN_TABLE[table].map((name) => COMPARISON_RUNS.find((run) => run.name === name)!);
}
