import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Counter, type Registry } from 'prom-client';
import type { Observable, Subscription } from 'rxjs';
import { SynestheteError, messageOf } from '../../../models/errors.ts';
import type { Control } from '../../../streams/program/index.ts';
import { TokenBucket } from '../access/index.ts';
import { cannotListen } from '../listening.ts';
import type { ShowState } from '../protocol/index.ts';
import { createQuietLog, type FailureLog } from '../quiet-log.ts';
import { addressesFor, controlOf, REFRESH, type OscMessage } from './controls.ts';
import { packetOf, type OscArgument } from './packets.ts';
import { readPacket } from './read.ts';

export interface OscOptions {
  readonly states: Observable<ShowState>;
  readonly control: (control: Control) => void | Promise<void>;
  /** Path of the picture's file, for programs on the same machine. */
  readonly fileOf: (id: string) => string | undefined;
  /** Where messages go; none unless set. */
  readonly to?: { readonly host: string; readonly port: number };
  /** Where controls come in; none unless set. OSC knows no token: everyone who reaches it controls the show. */
  readonly at?: { readonly host: string; readonly port: number };
  /** Counts what was ignored. */
  readonly registry: Registry;
  /** Called with refused controls and other trouble: one line a minute for each kind. */
  readonly log?: (line: string) => void;
}

/** Faders send a hundred messages a second. */
const CONTROLS_PER_SECOND = 200;
const CONTROLS_BURST = 400;

/** This many kinds of ignored messages are logged, each once: a fader with a wrong address sends a hundred a second. */
const MOST_LOGGED = 20;
const MOST_CHARACTERS = 80;

/** The show in Open Sound Control, over UDP: its states out, controls in. docs/displays-and-protocol.md lists the addresses. */
export class Osc {
  readonly #options: OscOptions;
  readonly #out: { readonly socket: Socket; readonly address: string; readonly port: number } | undefined;
  readonly #in: Socket | undefined;
  readonly #bucket = new TokenBucket(CONTROLS_PER_SECOND, CONTROLS_BURST);
  readonly #states: Subscription;
  readonly #ignored: Counter<'reason'>;
  readonly #logged = new Set<string>();
  readonly #log: FailureLog;
  #newest: ShowState | undefined;
  #shown: string | undefined;
  #state: string | undefined;
  #outTrouble = false;

  /** @throws SynestheteError CANNOT_LISTEN; USAGE for an unknown host */
  static async open(options: OscOptions): Promise<Osc> {
    const { at, to } = options;
    const target = to === undefined ? undefined : { address: await addressOfHost(to.host), port: to.port };
    const input = at === undefined ? undefined : await bound(at.host, at.port);
    const output = target === undefined ? undefined : { socket: await sending(target.address), ...target };
    return new Osc(options, output, input);
  }

  private constructor(
    options: OscOptions,
    output: { socket: Socket; address: string; port: number } | undefined,
    input: Socket | undefined,
  ) {
    this.#options = options;
    this.#log = createQuietLog((line) => options.log?.(line));
    this.#in = input;
    this.#ignored = new Counter({
      name: 'synesthete_osc_ignored_total',
      help: 'OSC packets and messages that were ignored',
      labelNames: ['reason'],
      registers: [options.registry],
    });
    this.#out = output;
    // A show ignores datagrams that no receiver took, and malformed ones.
    this.#out?.socket.on('error', (error) => {
      this.#logSendFailure(error);
    });
    input?.on('error', (error) => {
      this.#log('socket', `OSC: ${error.message}`);
    });
    input?.on('message', (packet) => {
      this.#take(packet);
    });
    this.#states = options.states.subscribe({
      next: (state) => {
        this.#send(state);
      },
      error: () => undefined,
    });
  }

  /** The address where controls come in; undefined where they don't. */
  get port(): number | undefined {
    return this.#in?.address().port;
  }

  async close(): Promise<void> {
    this.#states.unsubscribe();
    const sockets = [this.#in, this.#out?.socket].filter((socket) => socket !== undefined);
    await Promise.all(
      sockets.map((socket) => {
        const closed = once(socket, 'close');
        socket.close();
        return closed;
      }),
    );
  }

  #send(state: ShowState): void {
    this.#newest = state;
    const { mood, level, show } = state;
    this.#say('mood', float(mood.valence), float(mood.arousal), float(mood.confidence));
    this.#say('level', float(level.rms));
    if (level.onset) this.#say('onset', { type: 'integer', value: 1 });
    if (show.state !== this.#state) this.#sayState(state);
    if (show.image !== null && show.image.id !== this.#shown) this.#sayPicture(state);
  }

  #sayState({ show }: ShowState): void {
    this.#state = show.state;
    this.#say('state', { type: 'string', value: show.state });
  }

  #sayPicture({ show }: ShowState): void {
    if (show.image === null) return;
    const { id } = show.image;
    this.#shown = id;
    this.#say(
      'picture',
      { type: 'string', value: id },
      { type: 'string', value: this.#options.fileOf(id) ?? '' },
      float(show.crossfade),
    );
  }

  #say(name: string, ...args: OscArgument[]): void {
    if (this.#out === undefined) return;
    const { socket, address, port } = this.#out;
    socket.send(packetOf(`/synesthete/${name}`, args), port, address, (error) => {
      if (error !== null) this.#logSendFailure(error);
    });
  }

  /** Logs once: a network that is down fails ten times a second. */
  #logSendFailure(error: Error): void {
    if (this.#outTrouble) return;
    this.#outTrouble = true;
    this.#options.log?.(`OSC can't be sent: ${error.message}`);
  }

  #take(packet: Buffer): void {
    const { messages, skipped } = readPacket(packet);
    for (const { address = 'a packet', reason } of skipped) this.#ignore('malformed', address, reason);
    for (const { address, args } of messages) {
      for (const covered of addressesFor(address)) {
        if (!this.#bucket.take()) {
          this.#ignore('too-many', 'a message', `there are more than ${CONTROLS_PER_SECOND} a second`);
          return;
        }
        this.#obey({ address: covered, args });
      }
    }
  }

  #obey(message: OscMessage): void {
    if (message.address === REFRESH) {
      this.#refresh();
      return;
    }
    const control = controlOf(message);
    if (typeof control === 'string') this.#ignore('unknown', message.address, control);
    else if (control !== undefined) void this.#ask(control);
  }

  #ignore(reason: 'malformed' | 'unknown' | 'too-many', what: string, why: string): void {
    this.#ignored.inc({ reason });
    if (this.#logged.size === MOST_LOGGED || this.#logged.has(what)) return;
    this.#logged.add(what);
    const { log } = this.#options;
    log?.(`OSC: ${what.slice(0, MOST_CHARACTERS)} is ignored: ${why}`);
    if (this.#logged.size === MOST_LOGGED)
      log?.('OSC: further ignored messages are only counted, in /metrics');
  }

  /** Repeats, for receivers that start later, what is otherwise sent only when it changes. */
  #refresh(): void {
    if (this.#newest === undefined) return;
    this.#sayState(this.#newest);
    this.#sayPicture(this.#newest);
  }

  async #ask(control: Control): Promise<void> {
    try {
      await this.#options.control(control);
    } catch (error) {
      this.#ignored.inc({ reason: 'refused' });
      this.#log(control.control, `OSC asked for ${control.control}: ${messageOf(error)}`);
    }
  }
}

function float(value: number): OscArgument {
  return { type: 'float', value };
}

async function addressOfHost(host: string): Promise<string> {
  try {
    const found = await lookup(host, { all: true });
    // Most programs listen to OSC by IPv4 alone.
    return (found.find(({ family }) => family === 4) ?? found[0]!).address;
  } catch (error) {
    throw new SynestheteError('USAGE', `OSC can't be sent to ${host}: there is no host of that name`, {
      cause: error,
    });
  }
}

/** A socket that may also broadcast, which IPv6 has not. */
async function sending(address: string): Promise<Socket> {
  if (isIPv6(address)) return createSocket('udp6');
  const socket = createSocket('udp4');
  // Only a bound socket accepts this setting.
  socket.bind();
  await once(socket, 'listening');
  socket.setBroadcast(true);
  return socket;
}

async function bound(host: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    throw cannotListen('OSC', host, port, error);
  }
}
