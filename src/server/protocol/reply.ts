import { z } from 'zod';
import { PROTOCOL_VERSION } from './show-message.ts';

/** Stable between releases; programs may act on them. */
const FAULT_CODES = {
  malformed: 'not JSON, or not a message of this protocol',
  unauthorised: 'the token is missing or wrong',
  refused: 'the show cannot do what was asked',
  'too-many': 'too many messages or requests; slow down',
  'not-found': 'there is nothing of that name',
  'not-allowed': 'this method, origin, host or content type is not accepted',
  'too-large': 'the message is larger than any valid one',
  unavailable:
    'not now: too many clients, another one feeds sound, the show has not begun, or there is no sound system',
  failed: 'the server failed; its log says more',
} as const;

/** Why a server refused something. */
export type FaultCode = keyof typeof FAULT_CODES;

const faultSchema = z.strictObject({
  code: z.enum(Object.keys(FAULT_CODES) as [FaultCode, ...FaultCode[]]),
  message: z.string().meta({ description: 'One line for people' }),
});

export type Fault = z.infer<typeof faultSchema>;

/** The answer to a message of a client, to that client alone. Its `type` distinguishes it from a state. */
export const replySchema = z.discriminatedUnion('ok', [
  z.strictObject({
    v: z.literal(PROTOCOL_VERSION),
    type: z.literal('reply'),
    ok: z.literal(true),
    ref: z.union([z.string(), z.int()]).optional(),
    control: z.boolean().optional().meta({ description: 'Whether this connection may control the show' }),
  }),
  z.strictObject({
    v: z.literal(PROTOCOL_VERSION),
    type: z.literal('reply'),
    ok: z.literal(false),
    ref: z.union([z.string(), z.int()]).optional(),
    error: faultSchema,
  }),
]);

export type Reply = z.infer<typeof replySchema>;

/** Why a connection was closed: WebSocket close codes of ours, beside the standard ones (1003, 1009, …). */
export const CLOSE_CODES = {
  malformed: 4400,
  unauthorised: 4401,
  stalled: 4408,
  'taken-over': 4409,
  'too-many': 4429,
  unavailable: 4503,
} as const;

/** A fault in a client's request. */
export class ClientFault extends Error {
  readonly fault: FaultCode;

  constructor(fault: FaultCode, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** In one line, where and what: `control.on: expected boolean`. */
export function describeIssues(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  const where = path.join('.').slice(0, 100);
  return `${where === '' ? '' : `${where}: `}${message.slice(0, 200)}`;
}
