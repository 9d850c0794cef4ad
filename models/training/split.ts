import { badTable } from './table.ts';

export const SPLITS = ['train', 'val', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** The split in a cell. @throws SynestheteError BAD_TABLE for another name */
export function splitNamed(path: string, line: number, text: string): Split {
  const split = SPLITS.find((name) => name === text);
  if (split !== undefined) return split;
  throw badTable(
    path,
    `line ${line}: ${text === '' ? 'split is empty' : `"${text}" is no split`}; splits are ${SPLITS.join(', ')}`,
  );
}
