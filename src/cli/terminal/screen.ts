import { NO_WRAP, WRAP } from './output.ts';

/** Lines of a terminal that are redrawn in place. */
export interface Screen {
  /** Shows these lines in place of the last ones. */
  readonly show: (lines: readonly string[]) => void;
  /** Leaves the last lines standing and restores the terminal. */
  readonly close: () => void;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\x1b[2K';

/**
 * Redraws the same lines of a terminal. Cuts a line that is wider instead of wrapping it, or the next redraw would
 * start too low. However the program ends, the cursor comes back.
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
