/* Escape codes of a terminal's colours. */
export const RED = '\x1b[31m';
export const YELLOW = '\x1b[33m';
export const GREEN = '\x1b[32m';
export const DIM = '\x1b[2m';
const RESET = '\x1b[0m';

/** Puts a text between an escape code and its end. */
export type Paint = (code: string, text: string) => string;

/** @param inColour without it, and for an empty text, no codes are put in */
export function painter(inColour: boolean): Paint {
  return (code, text) => (inColour && text !== '' ? code + text + RESET : text);
}
