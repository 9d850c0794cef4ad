import { basename } from 'node:path';
import type { Observable } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import type { ModelInfo } from '../../streams/analysis/index.ts';
import type { ProgramState } from '../../streams/program/index.ts';
import type { Show } from '../server/index.ts';
import {
  pagesOf,
  programStatus,
  withoutPaths,
  type LiveState,
  type LiveStatus,
  type ShownGallery,
} from '../show/index.ts';

/** A replay at one moment. */
interface ReplayNow {
  readonly program: ProgramState;
  /** Clips that were heard so far. */
  readonly clips: number;
}

/** A replay as the server needs it: clients can look at what is on show, and control nothing. */
export function servedReplay(
  states: Observable<LiveState>,
  {
    gallery,
    files,
    model,
    now,
  }: {
    readonly gallery: ShownGallery;
    readonly files: readonly string[];
    readonly model: ModelInfo;
    readonly now: () => ReplayNow;
  },
): Show {
  const statusOf = (name: string): LiveStatus => {
    const { program, clips } = now();
    return {
      source: { name, kind: 'file', state: 'delivering', message: `${name}: a replay`, channels: [] },
      analysis: { state: 'running', message: '', restarts: 0 },
      model,
      modelName: model.folder,
      models: [],
      ...programStatus(program),
      // A replay waits for the analysis of each clip.
      clips: { total: clips, dropped: 0, lost: 0, lastLoss: '' },
      gaps: 0,
      firsts: null,
      moods: null,
      keptOut: null,
    };
  };
  const name = files.join(', ');
  const publicName = files.map((file) => basename(file)).join(', ');
  return {
    ...pagesOf(() => ({ gallery, program: now().program })),
    states,
    control() {
      throw new SynestheteError('USAGE', 'a replay takes no controls: what it shows is settled');
    },
    status: () => ({ ...statusOf(name), sources: [name] }),
    publicStatus: () => ({ ...withoutPaths(statusOf(publicName)), sources: [publicName] }),
    devices: () => Promise.resolve([]),
    moods: () => Promise.reject(noMoods()),
    takeMoods: () => Promise.reject(noMoods()),
  };
}

function noMoods(): SynestheteError {
  return new SynestheteError(
    'USAGE',
    'a replay has no moods to take or give: run a live show of the gallery',
  );
}
