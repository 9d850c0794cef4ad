import { scan, type OperatorFunction } from 'rxjs';
import { applyControl } from './apply-control.ts';
import { onLevel, onTime } from './gate.ts';
import { settle } from './settle.ts';
import type { ProgramEffect, ProgramEvent, ProgramState } from './state.ts';
import { Step } from './step.ts';

/**
 * What came of one event.
 * @typeParam E events with what their senders added
 */
export interface ProgramStep<E extends ProgramEvent = ProgramEvent> {
  readonly event: E | undefined;
  readonly state: ProgramState;
  readonly effects: readonly ProgramEffect[];
}

/** Runs the program over events, each answered with a step at once. */
export function runProgram<E extends ProgramEvent>(
  initial: ProgramState,
): OperatorFunction<E, ProgramStep<E>> {
  const begun: ProgramStep<E> = { event: undefined, state: initial, effects: [] };
  return scan((last: ProgramStep<E>, event) => advance(last.state, event), begun);
}

/**
 * What is on show after an event: a pure function, so that the same events give the same show, whether they come live
 * or out of a file.
 *
 * A picture stays for the minimum dwell, and then for as long as it fits: until its fit falls below the sensitivity and
 * another one that may come fits better, or the maximum dwell is near. A change that is due waits a while for an onset to
 * cut on and fades when none comes. The first picture of a show, which no music has chosen, has no minimum dwell once the
 * mood is known. Silence shows the calmest pictures, slowly. The operator's hand goes before all of
 * that, and only the flash limiter before the operator. A picture that may not be shown any more goes at once, and one that can't
 * be read as soon as there is another.
 */
export function advance<E extends ProgramEvent>(state: ProgramState, event: E): ProgramStep<E> {
  const step = new Step(state, Math.max(state.atSeconds, event.atSeconds));
  take(step, event);
  settle(step, event.kind === 'level' && event.onset);
  return { event, state: step.state, effects: step.effects };
}

function take(step: Step, event: ProgramEvent): void {
  switch (event.kind) {
    case 'tick':
      step.setGate(onTime(step.state.gate, step.atSeconds, step.state.settings));
      break;
    case 'level':
      step.setGate(onLevel(step.state.gate, event.rms, step.atSeconds, step.state.settings));
      break;
    case 'match':
      step.set({ match: { ...event.match, atSeconds: step.atSeconds } });
      break;
    case 'catalogue':
      // One that could not be read may have been mended: those that were not are found out again.
      step.set({ catalogue: event.catalogue, broken: new Set() });
      step.refreshAllowed();
      break;
    case 'broken':
      step.set({ broken: new Set([...step.state.broken, event.image]) });
      step.refreshAllowed();
      break;
    case 'mended':
      step.set({ broken: new Set([...step.state.broken].filter((id) => id !== event.image)) });
      step.refreshAllowed();
      break;
    case 'reach':
      step.set({ reachable: event.reachable });
      break;
    case 'control':
      applyControl(step, event.control);
  }
}
