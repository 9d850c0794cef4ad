import { NO_WRAP, WRAP } from './output.ts';

/** Where `listen` shows what it hears. */
export interface Screen {
  /** Shows these lines in place of the last ones. */
  readonly show: (lines: readonly string[]) => void;
  /** Leaves the last lines standing and gives the terminal back as it was. */
  readonly close: () => void;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\x1b[2K';

/**
 * Redraws the same lines of a terminal. A line that is wider than it is cut and not wrapped, or the next redraw would
 * start too low. The cursor comes back however the program
 * ends.
 */
export function terminalScreen(terminal: NodeJS.WriteStream): Screen {
  let shown = 0;
  let open = true;
  const restore = () => {
    if (open) terminal.write(WRAP + SHOW_CURSOR);
    open = false;
  };
  process.once('exit', restore);
  terminal.write(HIDE_CURSOR);
  return {
    show: (lines) => {
      const up = shown > 0 ? `\x1b[${shown}A` : '';
      terminal.write(`${NO_WRAP}${up}${lines.map((line) => `${CLEAR_LINE}${line}\n`).join('')}${WRAP}`);
      shown = lines.length;
    },
    close: () => {
      restore();
      process.off('exit', restore);
    },
  };
}
