import { encode } from 'node-osc';

/** An argument with its OSC type; otherwise whole numbers would travel as integers and surprise receivers of floats. */
export interface OscArgument {
  readonly type: 'float' | 'integer' | 'string';
  readonly value: number | string;
}

export function packetOf(address: string, args: readonly OscArgument[]): Buffer {
  return encode({ oscType: 'message', address, args });
}
