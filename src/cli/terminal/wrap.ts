/** Characters of a line where the output is no terminal. */
const PLAIN_WIDTH = 80;

/** Columns of standard output, or 80 where it is no terminal. */
export function terminalWidth(): number {
  return process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : PLAIN_WIDTH;
}

/**
 * Breaks the lines of a text between words, so that none is wider than `width`, as far as words allow. Lines of a
 * table, which hold two spaces in a row, stay whole.
 */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => (line.length <= width || line.includes('  ') ? [line] : broken(line, width)))
    .join('\n');
}

function broken(line: string, width: number): string[] {
  const lines: string[] = [];
  let now = '';
  for (const word of line.split(' ')) {
    if (now !== '' && now.length + 1 + word.length > width) {
      lines.push(now);
      now = word;
    } else now = now === '' ? word : `${now} ${word}`;
  }
  return [...lines, now];
}

// eslint-disable-next-line no-control-regex -- the pattern matches control sequences
const SEQUENCE = /\x1b\[[0-9;?]*[a-zA-Z]/y;

/**
 * Cuts a line that is wider than `width`, with `…` as its last character; keeps control sequences, which take no room.
 */
export function cut(line: string, width: number): string {
  let kept = '';
  let columns = 0;
  let isCut = false;
  for (let at = 0; at < line.length;) {
    SEQUENCE.lastIndex = at;
    const sequence = SEQUENCE.exec(line)?.[0];
    const character = sequence ?? String.fromCodePoint(line.codePointAt(at)!);
    at += character.length;
    if (sequence !== undefined) kept += sequence;
    else if (!isCut) {
      isCut = columns === width - 1 && hasVisible(line.slice(at));
      kept += isCut ? '…' : character;
      columns++;
    }
  }
  return kept;
}

function hasVisible(text: string): boolean {
  return text.replaceAll(new RegExp(SEQUENCE.source, 'g'), '') !== '';
}
