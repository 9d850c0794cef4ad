import type { ShowMessage } from '../../src/server/protocol/index.ts';
import { changedSettings, type Control } from '../../streams/program/index.ts';
import type { Status } from './status.ts';

/** What GET /api/state answers. */
export interface Answer {
  readonly message: ShowMessage | null;
  readonly status: Status;
}

interface Sent {
  readonly ref: number;
  readonly control: Control;
  /** Number of the first request whose answer includes it: one that was sent after the reply. */
  knownFrom: number;
}

/**
 * How the show stands once it has done everything that this console asked for: the newest answer of the server, updated
 * from the stream where that is newer, and on top of it the controls that the answer can't include yet. Keys that
 * toggle or step start from it, so that every press counts, even fast ones.
 */
export class ExpectedStatus {
  #answer: Answer | null = null;
  #message: ShowMessage | null = null;
  #sent: Sent[] = [];
  #requests = 0;
  #answered = 0;

  /** null before the first answer. */
  get status(): Status | null {
    if (this.#answer === null) return null;
    return this.#sent.reduce(
      (status, { control }) => afterControl(status, control),
      afterMessage(this.#answer, this.#message),
    );
  }

  /** @returns the number of a request that is sent now; pass it to `answer` with its answer */
  request(): number {
    return ++this.#requests;
  }

  /** Takes an answer; one that a newer answer has overtaken changes nothing. */
  answer(request: number, answer: Answer): void {
    if (request < this.#answered) return;
    this.#answered = request;
    this.#answer = answer;
    this.#sent = this.#sent.filter(({ knownFrom }) => knownFrom > request);
  }

  hear(message: ShowMessage): void {
    this.#message = message;
  }

  send(ref: number, control: Control): void {
    this.#sent.push({ ref, control, knownFrom: Infinity });
  }

  /** Takes a reply: a refused control is no longer expected. */
  reply(ref: number, ok: boolean): void {
    if (!ok) this.#sent = this.#sent.filter((sent) => sent.ref !== ref);
    for (const sent of this.#sent) if (sent.ref === ref) sent.knownFrom = this.#requests + 1;
  }

  /** Call it when the connection is lost: replies won't come, and the next message may be another program's. */
  lose(): void {
    this.#sent = [];
    this.#message = null;
  }
}

/** The stream shows hold and blackout at once, also those of other consoles. */
function afterMessage({ status, message: known }: Answer, message: ShowMessage | null): Status {
  if (message === null || (known?.epoch === message.epoch && known.seq >= message.seq)) return status;
  switch (message.show.state) {
    case 'blackout':
      return { ...status, blackout: true };
    case 'hold':
      // A pin holds too.
      return { ...status, blackout: false, hold: status.hold || status.pin === null };
    case 'live':
    case 'idle':
      return { ...status, blackout: false, hold: false, pin: null };
  }
}

function afterControl(status: Status, control: Control): Status {
  switch (control.control) {
    case 'hold':
      return { ...status, hold: control.on };
    case 'blackout':
      return { ...status, blackout: control.on };
    case 'next':
    case 'back':
      return { ...status, pin: null };
    case 'pin':
      return { ...status, pin: control.image };
    case 'ban': {
      const { image, on } = control;
      if (image === undefined) return status;
      const others = status.bans.filter((id) => id !== image);
      return { ...status, bans: on ? [...others, image] : others };
    }
    case 'bank':
      return { ...withSettings(status, control), bank: control.bank };
    case 'sensitivity':
    case 'dwell':
    case 'crossfade':
    case 'smoothing':
    case 'gate':
    case 'mood-offset':
    case 'fit':
    case 'display-fit':
      return withSettings(status, control);
    case 'model':
      return { ...status, modelName: control.model };
    case 'mood':
    case 'mood-undo':
    case 'mood-redo':
    case 'hide':
    case 'allow':
    case 'list-undo':
    case 'list-redo':
      // The gallery shows the change once it is fetched again.
      return status;
    case 'channels': {
      const { source } = status;
      return { ...status, source: { ...source, chosenChannels: control.channels } };
    }
    case 'source':
      return { ...status, source: { ...status.source, device: undefined, ...sourceNamed(control.source) } };
  }
}

/** A device or file appears under its own name. */
function sourceNamed(
  source: string,
): Pick<Status['source'], 'name'> & Partial<Pick<Status['source'], 'kind'>> {
  for (const kind of ['device', 'file'] as const) {
    if (source.startsWith(`${kind}:`)) return { kind, name: source.slice(kind.length + 1) };
  }
  return { name: source };
}

function withSettings(status: Status, control: Control): Status {
  return { ...status, settings: { ...status.settings, ...changedSettings(control, status.settings) } };
}
