import { fill, find, make } from '../shared/element.ts';
import { countBad, type WatchedDisplay } from './displays.ts';
import type { Status } from './status.ts';

/** Shows what the show listens to, and whether sound comes. */
export function showSource({ name, state, message }: Status['source']): void {
  const place = find('#source');
  fill(place, name, make('span', {}, ` · ${state}`));
  place.dataset['state'] = state;
  place.title = message;
}

/**
 * Shows how the show keeps up, and on what.
 * @param latencyMs null before the first message
 * @param displays null where this page may not know
 */
export function showHealth(
  { clips, gaps, model }: Pick<Status, 'clips' | 'gaps' | 'model'>,
  latencyMs: number | null,
  displays: readonly WatchedDisplay[] | null,
): void {
  const folder = model.folder.split('/').filter(Boolean).pop() ?? '';
  // The name of the provider alone; the title has the rest.
  const [provider] = model.engine.split(' (');
  showFacts([
    `${latencyMs === null ? '–' : latencyMs.toFixed(0)} ms latency`,
    `${clips.dropped + clips.lost} of ${clips.total} clips dropped`,
    ...(gaps > 0 ? [counted(gaps, 'gap')] : []),
    ...(displays === null ? [] : [displaysFact(displays)]),
    `model ${folder} on ${provider!}`,
  ]);
  find('#facts').title = `model ${folder} on ${model.engine}`;
}

function displaysFact(displays: readonly WatchedDisplay[]): HTMLElement | string {
  const bad = countBad(displays);
  const all = counted(displays.length, 'display');
  return bad === 0 ? all : make('b', { class: 'bad' }, `${bad} of ${all} bad`);
}

/** Each fact stays whole where the line breaks. */
export function showFacts(facts: readonly (HTMLElement | string)[]): void {
  fill(find('#facts'), ...facts.map((fact) => make('span', {}, fact)));
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
