import { styleText } from 'node:util';

type Colour = 'red' | 'yellow' | 'green' | 'dim';

/** Colours a text. */
export type Paint = (colour: Colour, text: string) => string;

/** @param inColour without it, and for an empty text, nothing is put in */
export function painter(inColour: boolean): Paint {
  // Whether the terminal shows colours is known already (see `useColour`).
  return (colour, text) =>
    inColour && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}
