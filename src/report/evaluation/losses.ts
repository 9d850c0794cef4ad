import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../../models/model/index.ts';
import { lineChart, type Curve } from '../../../models/training/index.ts';
import { trainedMetrics } from '../../../models/weights/index.ts';

/** Terms of the loss by name, a value for each epoch. */
type Curves = ReadonlyMap<string, readonly number[]>;

const TERMS = ['loss', 'sim', 'va', 'cfr', 'cfm', 'sfr'];

const MEANINGS: Readonly<Record<string, string>> = {
  sim: 'error of the similarity of a picture and a clip',
  va: 'error of valence and arousal',
  cfr: 'ratios of distances between pictures and clips, against those of their moods',
  cfm: 'pairs that lie too far apart',
  sfr: 'ratios of distances within pictures and within music',
};

/**
 * How the terms of a model's loss fell, as HTML: from model.json where the training kept them there, or from the
 * metrics.jsonl that a training end to end leaves beside it; otherwise says why there is nothing to show.
 */
export async function lossesSection({
  folder,
  description,
}: Pick<Model, 'folder' | 'description'>): Promise<string> {
  const kept = ofDescription(trainedMetrics(description.metrics)['losses']);
  if (kept !== undefined)
    return shown(kept.curves, kept.areEnds, 'the network of all data; terms before their weights');
  const journal = await readFile(join(folder, 'metrics.jsonl'), 'utf8').catch(() => undefined);
  if (journal === undefined) {
    return why('model.json keeps no losses, and there is no metrics.jsonl of a training beside it.');
  }
  const stages = ofJournal(journal);
  if (stages.size === 0)
    return why('metrics.jsonl beside the model has no step of a training that can be read.');
  const names: Readonly<Record<string, string>> = {
    network: 'network',
    moods: 'valence and arousal, afterwards',
  };
  return [...stages]
    .map(([stage, curves]) =>
      shown(curves, false, `${names[stage] ?? stage}; means over the steps of each epoch`),
    )
    .join('\n');
}

function why(text: string): string {
  return `<p class="why">${text}</p>`;
}

/** Each term an array with a value for each epoch; or, in older models, the first and the last epoch with all terms. */
function ofDescription(losses: unknown): { readonly curves: Curves; readonly areEnds: boolean } | undefined {
  if (typeof losses !== 'object' || losses === null) return undefined;
  const { first, last } = losses as Record<string, unknown>;
  const areEnds = first !== undefined && last !== undefined;
  const curves = new Map<string, readonly number[]>();
  for (const term of TERMS) {
    const values: unknown = areEnds ? [valueAt(first, term), valueAt(last, term)] : valueAt(losses, term);
    if (Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'number'))
      curves.set(term, values);
  }
  return curves.size === 0 ? undefined : { curves, areEnds };
}

function valueAt(of: unknown, name: string): unknown {
  return (of as Record<string, unknown> | null)?.[name];
}

/** Means over the steps of each epoch, for each stage. Skips a line that is no JSON, as the last one of a torn file. */
function ofJournal(journal: string): Map<string, Curves> {
  const stages = new Map<string, Map<string, number[][]>>();
  for (const text of journal.split('\n')) {
    const line = parsed(text);
    if (line?.['kind'] !== 'step') continue;
    const { stage, epoch } = line;
    if (typeof stage !== 'string' || typeof epoch !== 'number' || !(epoch >= 1)) continue;
    const terms = stages.get(stage) ?? new Map<string, number[][]>();
    stages.set(stage, terms);
    for (const term of TERMS) {
      const value = line[term];
      if (typeof value !== 'number') continue;
      const epochs = terms.get(term) ?? [];
      terms.set(term, epochs);
      (epochs[epoch - 1] ??= []).push(value);
    }
  }
  const mean = (values: readonly number[] = []) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return new Map(
    [...stages].map(([stage, terms]) => [
      stage,
      new Map([...terms].map(([term, epochs]) => [term, Array.from(epochs, mean)])),
    ]),
  );
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return (JSON.parse(line) ?? undefined) as Record<string, unknown> | undefined;
  } catch {
    return undefined;
  }
}

/** Terms have different sizes: each is drawn relative to its value in the first epoch, with its numbers beside it. */
function shown(curves: Curves, areEnds: boolean, what: string): string {
  const rows = [...curves].map(([term, values]) => {
    const [first, last] = [values[0]!, values.at(-1)!];
    return `<tr><th>${term}</th><td>${short(first)}</td><td>${short(last)}</td><td>${(last / first).toFixed(3)}</td></tr>`;
  });
  const drawn: Curve[] = [...curves].map(([name, values]) => ({
    name,
    points: values.map((value, i) => [i + 1, value / values[0]!] as const),
  }));
  const chart = areEnds
    ? why(
        'This model keeps the first and the last epoch only, as trainings did before: train again for the curves between.',
      )
    : lineChart('each term as a part of its first epoch, over the epochs', drawn);
  const meanings = [...curves.keys()].flatMap((term) => {
    const meaning = MEANINGS[term];
    return meaning === undefined ? [] : [`<b>${term}</b> ${meaning}`];
  });
  return `<p class="hint">${meanings.join('; ')}.</p>${chart}<table><caption>${what}</caption><tr><th></th><th>first epoch</th><th>last</th><th>part</th></tr>${rows.join('')}</table>`;
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
