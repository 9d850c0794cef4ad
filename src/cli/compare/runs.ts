import { join } from 'node:path';
import type { LossTerm } from '../../../models/training/losses/index.ts';

/** A system, or an ablation of CDCML, that is compared. */
export interface ComparedSystem {
  /** Its folder. */
  readonly name: string;
  /** As a table shows it. */
  readonly title: string;
  readonly system: 'cdcml' | 'sp-net' | 'l3-net' | 'acp-net';
  /** By default the system's own. */
  readonly terms?: readonly LossTerm[];
}

/** Everything in the paper's Tables 1, 3 and 4, the quickest and most informative first, the slowest last. */
export const COMPARED_SYSTEMS: readonly ComparedSystem[] = [
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

/** One training of a comparison. */
export interface ComparisonRun extends ComparedSystem {
  readonly seed: number;
}

/** Seed by seed, so that whole tables come early; L3-Net, which takes longest, comes last with all its seeds. */
export function plannedRuns(seeds: readonly number[]): ComparisonRun[] {
  const withSeeds = (systems: readonly ComparedSystem[]): ComparisonRun[] =>
    seeds.flatMap((seed) => systems.map((system) => ({ ...system, seed })));
  const isLast = ({ system }: ComparedSystem): boolean => system === 'l3-net';
  return [
    ...withSeeds(COMPARED_SYSTEMS.filter((system) => !isLast(system))),
    ...withSeeds(COMPARED_SYSTEMS.filter(isLast)),
  ];
}

export function runFolder(out: string, { name, seed }: Pick<ComparisonRun, 'name' | 'seed'>): string {
  return join(out, name, `seed-${seed}`);
}

export type TableNumber = 1 | 3 | 4;

const SYSTEMS = ['sp-net', 'l3-net', 'acp-net', 'cdcml'];
const ABLATIONS = ['sim', 'sim-cfr', 'sim-cfr-cfm', 'sim-va', 'cdcml'];

/** What a table compares, in the paper's order: its Tables 1 and 3 systems, its Table 4 parts of CDCML's loss. */
export function systemsOfTable(table: TableNumber): readonly ComparedSystem[] {
  const order = table === 4 ? ABLATIONS : SYSTEMS;
  return order.map((name) => COMPARED_SYSTEMS.find((system) => system.name === name)!);
}
