import { DEFAULT_PROGRAM_SETTINGS } from '../../../../streams/program/index.ts';
import type { ShowMessage } from '../../../../src/server/protocol/index.ts';
import type { Status } from '../../../../web-client/console/status.ts';

/** What tests count from, whatever the defaults are. */
const SETTINGS = {
  ...DEFAULT_PROGRAM_SETTINGS,
  sensitivity: 0.7,
  minimumDwellSeconds: 4,
  maximumDwellSeconds: 16,
  smoothingSeconds: 3,
};

export function statusWith(differences: Partial<Status> = {}): Status {
  return {
    source: { name: 'demo', kind: 'file', state: 'delivering', message: '', channels: [] },
    analysis: { state: 'running', message: '', restarts: 0 },
    model: {} as Status['model'],
    settings: SETTINGS,
    pictures: { total: 2, allowed: 2, revision: 'one' },
    bank: null,
    banks: [],
    bans: [],
    hold: false,
    pin: null,
    blackout: false,
    clips: { total: 0, dropped: 0, lost: 0, lastLoss: '' },
    gaps: 0,
    upcoming: [],
    upcomingFits: [],
    target: null,
    firsts: null,
    moods: { byHand: 0, canUndo: false, canRedo: false, faultCount: 0, faults: [] },
    keptOut: { marked: 0, hidden: 0, allowed: 0, canUndo: false, canRedo: false },
    sources: ['demo', 'browser'],
    ...differences,
  };
}

export function messageWith(seq: number, state: ShowMessage['show']['state'], epoch = 'one'): ShowMessage {
  return {
    v: 1,
    epoch,
    seq,
    time: 0,
    mood: { valence: 0.5, arousal: 0.5, confidence: 1 },
    level: { rms: 0, onset: false },
    show: { state, image: null, since: 0, crossfade: 1 },
    candidates: [],
    latency: { analysis: 0, total: 0 },
  };
}
