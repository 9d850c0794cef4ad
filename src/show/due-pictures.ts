import { upcoming, type ProgramState } from '../../streams/program/index.ts';
import { STATE_CANDIDATES, UPCOMING } from './states.ts';

/**
 * The pictures that displays may want now: those on screens, those that come next and the candidates that states name.
 * Worked out once for each state of the program, however many ask.
 */
export function duePictures(): (program: ProgramState) => ReadonlySet<string> {
  let last: { readonly program: ProgramState; readonly due: ReadonlySet<string> } | undefined;
  return (program) => {
    if (last?.program !== program) last = { program, due: dueIn(program) };
    return last.due;
  };
}

function dueIn(program: ProgramState): ReadonlySet<string> {
  const { screens, match } = program;
  return new Set([
    ...screens.flatMap(({ image }) => image ?? []),
    ...upcoming(program, UPCOMING.inStatus),
    ...(match?.candidates.slice(0, STATE_CANDIDATES).map(({ id }) => id) ?? []),
  ]);
}
