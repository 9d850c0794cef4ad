import { SynestheteError } from '../../../models/errors.ts';
import type { Control } from '../../../streams/program/index.ts';
import type { Access } from '../access/index.ts';
import type { FailureLog } from '../quiet-log.ts';
import {
  ClientFault,
  PROTOCOL_VERSION,
  clientMessageSchema,
  describeIssues,
  refOf,
  type Fault,
  type Hello,
  type Reply,
} from '../protocol/index.ts';
import type { DisplayInfo } from './display.ts';
import type { DisplayWatch } from './display-watch.ts';

export interface ConversationOptions {
  readonly access: Access;
  readonly watch: DisplayWatch;
  readonly control: (control: Control) => void | Promise<void>;
  readonly log: FailureLog;
}

/** Answers the messages of displays, over any transport. */
export class Conversation {
  readonly #options: ConversationOptions;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** @throws ClientFault unauthorised when the token is wrong: close the connection then */
  greet(display: DisplayInfo, { name, group, role, token }: Omit<Hello, 'type' | 'ref'>): void {
    if (token !== undefined) display.control = this.#options.access.mayControl(token, display);
    if (name !== undefined) display.name = name;
    if (group !== undefined) display.group = group;
    if (role !== undefined) display.role = role;
  }

  /** @param message parsed JSON. @throws ClientFault unauthorised, too-many: close the connection then */
  async answer(display: DisplayInfo, message: unknown): Promise<Reply> {
    const ref = refOf(message);
    const about = ref === undefined ? {} : { ref };
    const parsed = clientMessageSchema.safeParse(message);
    if (!parsed.success) {
      return { ...refusal({ code: 'malformed', message: describeIssues(parsed.error) }), ...about };
    }
    const { data } = parsed;
    if (data.type === 'hello') this.greet(display, data);
    else if (data.type === 'report') this.#options.watch.take(display, data);
    else {
      this.greet(display, { token: data.token });
      if (!display.control) {
        return { ...refusal({ code: 'unauthorised', message: this.#options.access.tokenNeeded }), ...about };
      }
      const fault = await this.control(data.control);
      if (fault !== undefined) return { ...refusal(fault), ...about };
    }
    return { v: PROTOCOL_VERSION, type: 'reply', ok: true, control: display.control, ...about };
  }

  /** Passes a control to the show. @returns why the show refuses it */
  async control(control: Control): Promise<Fault | undefined> {
    try {
      await this.#options.control(control);
      return undefined;
    } catch (error) {
      if (error instanceof SynestheteError) return { code: 'refused', message: error.message };
      const { control: name } = control;
      this.#options.log(`control ${name}`, `the control ${name} failed: ${String(error)}`);
      return { code: 'failed', message: 'the show failed to do it; its log says more' };
    }
  }
}

/** Whether a client wants to hear that its message was done: of a report only where it has a `ref`. */
export function wantsReply(message: unknown): boolean {
  const { type, ref } = (message ?? {}) as Readonly<Record<string, unknown>>;
  return type !== 'report' || ref !== undefined;
}

/** The reply that refuses. */
export function refusal(error: Fault): Reply & { ok: false } {
  return { v: PROTOCOL_VERSION, type: 'reply', ok: false, error };
}

/** What went wrong, in the words of the protocol. */
export function faultOf(error: unknown, log: FailureLog): Fault {
  if (error instanceof ClientFault) return { code: error.fault, message: error.message };
  log('message', `a message could not be answered: ${String(error)}`);
  return { code: 'failed', message: 'the server failed; its log says more' };
}
