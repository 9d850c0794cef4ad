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
  /** The paper's Table 3 compares systems, its Table 4 parts of CDCML's loss. */
  readonly tables: readonly (3 | 4)[];
}

/** Everything that the paper's Tables 3 and 4 hold, the quickest and most telling first. */
export const COMPARISON_RUNS: readonly ComparisonRun[] = [
  { name: 'acp-net', title: 'ACP-Net', system: 'acp-net', tables: [3] },
  { name: 'cdcml', title: 'CDCML (all terms)', system: 'cdcml', tables: [3, 4] },
  { name: 'sp-net', title: 'SP-Net', system: 'sp-net', tables: [3] },
  { name: 'l3-net', title: 'L3-Net', system: 'l3-net', tables: [3] },
  { name: 'sim', title: 'sim', system: 'cdcml', terms: ['sim'], tables: [4] },
  { name: 'sim-cfr', title: 'sim + CFR', system: 'cdcml', terms: ['sim', 'cfr'], tables: [4] },
  {
    name: 'sim-cfr-cfm',
    title: 'sim + CFR + CFM',
    system: 'cdcml',
    terms: ['sim', 'cfr', 'cfm'],
    tables: [4],
  },
  { name: 'sim-va', title: 'sim + VA', system: 'cdcml', terms: ['sim', 'va'], tables: [4] },
];

const ORDER_IN_TABLE: Readonly<Record<3 | 4, readonly string[]>> = {
  3: ['sp-net', 'l3-net', 'acp-net', 'cdcml'],
  4: ['sim', 'sim-cfr', 'sim-cfr-cfm', 'sim-va', 'cdcml'],
};

/** The runs of a table, in the paper's order. */
export function runsOfTable(table: 3 | 4): readonly ComparisonRun[] {
  return ORDER_IN_TABLE[table].map((name) => COMPARISON_RUNS.find((run) => run.name === name)!);
}
