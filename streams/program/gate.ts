import type { ProgramSettings } from './settings.ts';

/** Whether there is music or silence: a noise gate with hysteresis in level and in time. */
export interface Gate {
  readonly open: boolean;
  /** Since when it is open or closed, in seconds of the show. */
  readonly sinceSeconds: number;
  /** Since when the level has been on the other side; null while it isn't. */
  readonly turningSinceSeconds: number | null;
  readonly lastLevelAtSeconds: number;
}

/** Sound counts as music once it has lasted this long: a cough or a dropped glass doesn't wake the show. */
const OPEN_AFTER_SECONDS = 0.5;
/** Music dips below the threshold between strokes: a dip shorter than this doesn't restart the count. */
const LONGEST_DIP_SECONDS = 0.2;

export const CLOSED_GATE: Gate = {
  open: false,
  sinceSeconds: 0,
  turningSinceSeconds: null,
  lastLevelAtSeconds: 0,
};

export function onLevel(gate: Gate, rms: number, atSeconds: number, settings: ProgramSettings): Gate {
  return gate.open ? whileOpen(gate, rms, atSeconds, settings) : whileClosed(gate, rms, atSeconds, settings);
}

/** Without any sound at all (the source is lost) time alone closes it. */
export function onTime(gate: Gate, atSeconds: number, { idleAfterSeconds }: ProgramSettings): Gate {
  if (!gate.open || atSeconds - gate.lastLevelAtSeconds < Math.max(1, idleAfterSeconds)) return gate;
  return { ...gate, open: false, sinceSeconds: atSeconds, turningSinceSeconds: null };
}

function whileOpen(gate: Gate, rms: number, atSeconds: number, settings: ProgramSettings): Gate {
  const { gateClosesRms, idleAfterSeconds } = settings;
  if (rms >= gateClosesRms) return { ...gate, turningSinceSeconds: null, lastLevelAtSeconds: atSeconds };
  const quietSince = gate.turningSinceSeconds ?? atSeconds;
  const closes = atSeconds - quietSince >= idleAfterSeconds;
  return closes
    ? { open: false, sinceSeconds: atSeconds, turningSinceSeconds: null, lastLevelAtSeconds: atSeconds }
    : { ...gate, turningSinceSeconds: quietSince, lastLevelAtSeconds: atSeconds };
}

/** While closed, `lastLevelAtSeconds` is when the level was last above the threshold. */
function whileClosed(gate: Gate, rms: number, atSeconds: number, settings: ProgramSettings): Gate {
  if (rms < settings.gateOpensRms) {
    const dipped = atSeconds - gate.lastLevelAtSeconds > LONGEST_DIP_SECONDS;
    return dipped && gate.turningSinceSeconds !== null ? { ...gate, turningSinceSeconds: null } : gate;
  }
  const loudSince = gate.turningSinceSeconds ?? atSeconds;
  const opens = atSeconds - loudSince >= OPEN_AFTER_SECONDS;
  return opens
    ? { open: true, sinceSeconds: atSeconds, turningSinceSeconds: null, lastLevelAtSeconds: atSeconds }
    : { ...gate, turningSinceSeconds: loudSince, lastLevelAtSeconds: atSeconds };
}
