import { decode, encode } from 'node-osc';
import { z } from 'zod';
import type { OscMessage } from './controls.ts';

/** Limits against malicious packets: the depth of bundles, and the messages of a packet. */
const MOST_DEPTH = 4;
const MOST_MESSAGES = 64;

const messageSchema = z.object({
  address: z.string().startsWith('/').max(256),
  args: z.array(z.object({ value: z.unknown() })).max(16),
});
const bundleSchema = z.object({ elements: z.array(z.unknown()).max(MOST_MESSAGES) });

/** An argument with its OSC type; otherwise whole numbers would travel as integers and surprise receivers of floats. */
export interface OscArgument {
  readonly type: 'float' | 'integer' | 'string';
  readonly value: number | string;
}

export function packetOf(address: string, args: readonly OscArgument[]): Buffer {
  return encode({ oscType: 'message', address, args });
}

/**
 * The messages of a packet, those of bundles too, without regard to their time tags.
 * @returns undefined when it is malformed
 */
export function messagesOf(packet: Buffer): OscMessage[] | undefined {
  try {
    return flatten(decode(packet), 0);
  } catch {
    return undefined;
  }
}

function flatten(element: unknown, depth: number): OscMessage[] | undefined {
  const message = messageSchema.safeParse(element);
  if (message.success) {
    return [{ address: message.data.address, args: message.data.args.map(({ value }) => value) }];
  }
  const bundle = bundleSchema.safeParse(element);
  if (!bundle.success || depth === MOST_DEPTH) return undefined;
  const messages: OscMessage[] = [];
  for (const inner of bundle.data.elements) {
    const more = flatten(inner, depth + 1);
    if (more === undefined || messages.length + more.length > MOST_MESSAGES) return undefined;
    messages.push(...more);
  }
  return messages;
}
