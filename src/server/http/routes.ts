import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { SynestheteError } from '../../../models/errors.ts';
import { MOST_MOODS_BYTES } from '../../../models/moods/index.ts';
import { controlSchema } from '../../../streams/program/index.ts';
import { addressOf, type Access, type AddressBuckets } from '../access/index.ts';
import { faultOf, type Announcer, type Clients, type Conversation } from '../displays/index.ts';
import { MOST_MESSAGE_BYTES } from '../limits.ts';
import type { ServerMetrics } from '../metrics.ts';
import {
  ClientFault,
  PROTOCOL_VERSION,
  asyncApiDocument,
  describeIssues,
  publishedSchema,
  type Reply,
} from '../protocol/index.ts';
import type { Show } from '../show.ts';
import { bearerToken, readBody, readJson, sendFault, sendJson, sendText } from './answer.ts';
import { sendPicture, sendStatic } from './files.ts';

export interface RoutesOptions {
  readonly show: Show;
  readonly access: Access;
  readonly announcer: Announcer;
  readonly clients: Clients;
  readonly conversation: Conversation;
  readonly metrics: ServerMetrics;
  readonly requests: AddressBuckets;
  /** The same of pictures. */
  readonly pictures: AddressBuckets;
  readonly log: (line: string) => void;
  /** Version of the program. */
  readonly version: string;
  /** The built web client; without one there are no pages. */
  readonly staticFolder?: string;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** What follows the route's own path. */
  readonly rest: string;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly answer: (exchange: Exchange) => void | Promise<void>;
  /** The token is needed where there is one. */
  readonly control?: true;
  /** Anything may follow its path, which ends in a slash. */
  readonly prefix?: true;
}

const gallerySchema = z.strictObject({
  offset: z.coerce.number().int().min(0).max(1e9).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  bank: z.string().min(1).max(256).optional(),
});

/** Displays ask for these whenever the picture on show changes. */
const PICTURE_PATH = /^\/api\/(pictures|thumbnails)\//;

/** Everything that is asked for over plain HTTP. */
export class Routes {
  readonly #options: RoutesOptions;
  readonly #routes: ReadonlyMap<string, readonly Route[]>;

  constructor(options: RoutesOptions) {
    this.#options = options;
    this.#routes = this.#list();
  }

  /** Answers every request, whatever it is; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { access, log, metrics, pictures, requests } = this.#options;
    response.on('finish', () => {
      metrics.requests.inc({ status: String(response.statusCode) });
    });
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader(
      'Cross-Origin-Resource-Policy',
      access.foreignOrigins.length > 0 ? 'cross-origin' : 'same-origin',
    );
    try {
      access.checkRequest(request);
      const url = urlOf(request);
      const bucket = url !== undefined && PICTURE_PATH.test(url.pathname) ? pictures : requests;
      if (!bucket.take(addressOf(request))) throw new ClientFault('too-many', 'too many requests');
      if (url === undefined) throw new ClientFault('malformed', 'the address is malformed');
      this.#allowForeign(request, response);
      await this.#route(request, response, url);
    } catch (error) {
      if (!(error instanceof ClientFault)) log(`${request.method ?? ''} failed: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else
        sendFault(
          response,
          faultOf(error, () => undefined),
        );
    }
  }

  #allowForeign(request: IncomingMessage, response: ServerResponse): void {
    const { access } = this.#options;
    // Also where no origin was sent: a cache would give that answer to a page that sends one.
    if (access.foreignOrigins.length > 0) response.setHeader('Vary', 'Origin');
    const origin = access.foreignOrigin(request);
    if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin);
  }

  async #route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { access, staticFolder } = this.#options;
    const found = this.#find(url.pathname);
    if (request.method === 'OPTIONS' && access.foreignOrigin(request) !== undefined) {
      response.writeHead(204, {
        'Access-Control-Allow-Methods': 'GET, POST',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type',
      });
      response.end();
      return;
    }
    const methods: readonly string[] = found?.routes.map(({ method }) => method) ?? ['GET'];
    const asked = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    if (!methods.includes(asked)) {
      response.setHeader('Allow', methods.join(', '));
      const message = `only ${methods.join(' and ')} is answered here`;
      sendFault(response, { code: 'not-allowed', message }, 405);
      return;
    }
    const route = found?.routes.find(({ method }) => method === asked);
    if (found !== undefined && route !== undefined) {
      if (route.control === true) access.requireControl(bearerToken(request), addressOf(request));
      await route.answer({ request, response, url, rest: found.rest });
      return;
    }
    if (url.pathname.startsWith('/api/')) throw new ClientFault('not-found', 'there is no such address');
    if (staticFolder === undefined) {
      throw new ClientFault('not-found', 'no web client is here: build it with `npm run build`');
    }
    await sendStatic(request, response, staticFolder, url.pathname);
  }

  #find(path: string): { routes: readonly Route[]; rest: string } | undefined {
    const exact = this.#routes.get(path);
    if (exact !== undefined && exact[0]!.prefix !== true) return { routes: exact, rest: '' };
    const end = path.lastIndexOf('/') + 1;
    const routes = this.#routes.get(path.slice(0, end));
    return routes?.[0]!.prefix === true ? { routes, rest: path.slice(end) } : undefined;
  }

  /** By path, those of an address with the methods that it answers. */
  #list(): ReadonlyMap<string, readonly Route[]> {
    const { show, access, announcer, clients, metrics, version } = this.#options;
    const isTrusted = (request: IncomingMessage) =>
      access.isTrusted(bearerToken(request), addressOf(request));
    const routes: Readonly<Record<string, Route | readonly Route[]>> = {
      '/api/state': {
        method: 'GET',
        answer: ({ request, response }) => {
          const message = announcer.newest('main')?.message ?? null;
          sendJson(response, { message, status: isTrusted(request) ? show.status() : show.publicStatus() });
        },
      },
      '/api/control': {
        method: 'POST',
        control: true,
        answer: (exchange) => this.#control(exchange),
      },
      '/api/gallery': {
        method: 'GET',
        answer: async ({ request, response, url }) => {
          const query = gallerySchema.safeParse(Object.fromEntries(url.searchParams));
          if (!query.success) throw new ClientFault('malformed', describeIssues(query.error));
          const { bank, ...range } = query.data;
          const page = { ...range, withUnsafe: isTrusted(request) };
          sendJson(response, await show.gallery(bank === undefined ? page : { ...page, bank }));
        },
      },
      '/api/moods': [
        { method: 'GET', control: true, answer: ({ response }) => this.#sendMoods(response) },
        { method: 'POST', control: true, answer: (exchange) => this.#takeMoods(exchange) },
      ],
      '/api/pictures/': {
        method: 'GET',
        prefix: true,
        answer: ({ request, response, rest }) => {
          const { file, type } = picture(rest, (id) => show.picture(id));
          return sendPicture(request, response, file, type);
        },
      },
      '/api/thumbnails/': {
        method: 'GET',
        prefix: true,
        answer: ({ request, response, rest }) => {
          const { file, type } = picture(rest, (id) => show.thumbnail(id));
          return sendPicture(request, response, file, type);
        },
      },
      '/api/devices': {
        method: 'GET',
        control: true,
        answer: async ({ response }) => {
          sendJson(response, await devicesOf(show));
        },
      },
      '/api/clients': {
        method: 'GET',
        control: true,
        answer: ({ response }) => {
          sendJson(response, { clients: clients.list() });
        },
      },
      '/schema.json': {
        method: 'GET',
        answer: ({ response }) => {
          sendText(response, 200, 'application/schema+json', JSON.stringify(publishedSchema()));
        },
      },
      '/asyncapi.json': {
        method: 'GET',
        answer: ({ request, response }) => {
          sendJson(response, asyncApiDocument(version, request.headers.host ?? 'localhost'));
        },
      },
      '/metrics': {
        method: 'GET',
        answer: async ({ response }) => {
          sendText(response, 200, metrics.registry.contentType, await metrics.registry.metrics());
        },
      },
      '/healthz': {
        method: 'GET',
        answer: ({ response }) => {
          sendJson(response, {
            ok: true,
            epoch: announcer.epoch,
            seq: announcer.seq,
            clients: clients.count,
          });
        },
      },
    };
    return new Map(Object.entries(routes).map(([path, of]) => [path, [of].flat() as readonly Route[]]));
  }

  async #control({ request, response }: Exchange): Promise<void> {
    const parsed = controlSchema.safeParse(await readJson(request, MOST_MESSAGE_BYTES));
    if (!parsed.success) throw new ClientFault('malformed', describeIssues(parsed.error));
    const fault = await this.#options.conversation.control(parsed.data);
    if (fault !== undefined) {
      sendFault(response, fault);
      return;
    }
    sendJson(response, DONE);
  }

  async #sendMoods(response: ServerResponse): Promise<void> {
    const csv = await unlessRefused(this.#options.show.moods());
    sendText(response, 200, 'text/csv; charset=utf-8', csv, {
      'Content-Disposition': 'attachment; filename="moods.csv"',
    });
  }

  async #takeMoods({ request, response }: Exchange): Promise<void> {
    const csv = await readBody(request, 'text/csv', MOST_MOODS_BYTES);
    await unlessRefused(this.#options.show.takeMoods(csv));
    sendJson(response, DONE);
  }
}

const DONE: Reply = { v: PROTOCOL_VERSION, type: 'reply', ok: true, control: true };

/** @throws ClientFault refused, where the show says why it can't */
async function unlessRefused<T>(done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof SynestheteError) throw new ClientFault('refused', error.message);
    throw error;
  }
}

/** Where the machine has no sound system, which is no failure, there are none, and `message` says why. */
async function devicesOf(
  show: Show,
): Promise<{ readonly devices: readonly unknown[]; readonly message?: string }> {
  try {
    return { devices: await show.devices() };
  } catch (error) {
    if (error instanceof SynestheteError) return { devices: [], message: error.message };
    throw error;
  }
}

/** @throws ClientFault not-found */
function picture<T>(encodedId: string, find: (id: string) => T | undefined): T {
  const id = decoded(encodedId);
  const found = id === undefined ? undefined : find(id);
  if (found === undefined) throw new ClientFault('not-found', 'there is no picture of that id');
  return found;
}

/** @returns undefined where it is malformed */
function urlOf(request: IncomingMessage): URL | undefined {
  const { url } = request;
  // Not resolved against a base: `//other/` would be taken for a host.
  const path = url?.startsWith('/') === true ? url : '/';
  return URL.canParse(`http://localhost${path}`) ? new URL(`http://localhost${path}`) : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
