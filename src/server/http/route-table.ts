import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { SynestheteError } from '../../../models/errors.ts';
import { MOST_MOODS_BYTES } from '../../../models/moods/index.ts';
import { controlSchema } from '../../../streams/program/index.ts';
import type { Access } from '../access/index.ts';
import type { Announcer, Clients, Conversation, DisplayWatch } from '../displays/index.ts';
import { MOST_MESSAGE_BYTES } from '../limits.ts';
import type { ServerMetrics } from '../metrics.ts';
import {
  ClientFault,
  PROTOCOL_VERSION,
  asyncApiText,
  describeIssues,
  publishedSchema,
  type SchemaName,
  type Reply,
} from '../protocol/index.ts';
import { KEPT_OUT_LISTS, type Show } from '../show.ts';
import { bearerToken, readBody, readJson, sendFault, sendJson, sendText } from './answer.ts';
import { openApiText } from './openapi.ts';
import { pictureRoutes } from './picture-routes.ts';

/** What the routes answer from. */
export interface RouteTableOptions {
  readonly show: Show;
  readonly access: Access;
  readonly announcer: Announcer;
  readonly clients: Clients;
  readonly conversation: Conversation;
  readonly watch: DisplayWatch;
  readonly metrics: ServerMetrics;
  /** Version of the program. */
  readonly version: string;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** What follows the route's own path. */
  readonly rest: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** What it is, for the OpenAPI document. */
  readonly summary: string;
  /** The type of its answer; JSON unless set. */
  readonly type?: string;
  readonly query?: z.ZodObject;
  readonly body?: { readonly type: string; readonly schema?: SchemaName };
  /** Of its answer. */
  readonly schema?: SchemaName;
  readonly answer: (exchange: Exchange) => void | Promise<void>;
  /** Needs the token, where the show has one. */
  readonly control?: true;
  /** Anything may follow its path, which ends in a slash. */
  readonly prefix?: true;
}

const gallerySchema = z.strictObject({
  offset: z.coerce.number().int().min(0).max(1e9).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  bank: z.string().min(1).max(256).optional(),
});

const keptOutSchema = gallerySchema.omit({ bank: true }).extend({
  list: z.enum(KEPT_OUT_LISTS).default('marked'),
});

const DONE: Reply = { v: PROTOCOL_VERSION, type: 'reply', ok: true, control: true };

/** The routes by path: for each the methods that it answers. */
export function routeTable(options: RouteTableOptions): ReadonlyMap<string, readonly Route[]> {
  const { show, access, announcer, clients, conversation, metrics, version, watch } = options;
  const isTrusted = (request: IncomingMessage) =>
    access.isTrusted(bearerToken(request), access.peerOf(request));
  // Made once: each takes milliseconds.
  const schema = JSON.stringify(publishedSchema());
  const asyncApi = asyncApiText(version);
  const routes: Readonly<Record<string, Route | readonly Route[]>> = {
    '/api/state': {
      method: 'GET',
      summary:
        'The newest message of the stream as `message`, null before the first, and the `status` of the show',
      answer: ({ request, response }) => {
        const message = announcer.newest('main')?.message ?? null;
        sendJson(response, { message, status: isTrusted(request) ? show.status() : show.publicStatus() });
      },
    },
    '/api/control': {
      method: 'POST',
      summary: 'Does what an operator can ask',
      body: { type: 'application/json', schema: 'Control' },
      schema: 'Reply',
      control: true,
      answer: (exchange) => takeControl(conversation, exchange),
    },
    '/api/gallery': {
      method: 'GET',
      summary: 'Pictures with their moods; unsafe ones only with the token',
      query: gallerySchema,
      answer: async ({ request, response, url }) => {
        const { bank, ...range } = queryOf(url, gallerySchema);
        const page = { ...range, withUnsafe: isTrusted(request) };
        sendJson(response, await show.gallery(bank === undefined ? page : { ...page, bank }));
      },
    },
    '/api/kept-out': {
      method: 'GET',
      summary: 'Pictures that are kept out, by the classifier or by hand, and those allowed by hand',
      query: keptOutSchema,
      control: true,
      answer: ({ response, url }) => {
        sendJson(response, show.keptOut(queryOf(url, keptOutSchema)));
      },
    },
    '/api/moods': [
      {
        method: 'GET',
        summary: 'The moods of pictures by hand',
        type: 'text/csv',
        control: true,
        answer: ({ response }) => sendMoods(show, response),
      },
      {
        method: 'POST',
        summary: 'Replaces the moods by hand, whole or not at all',
        body: { type: 'text/csv' },
        schema: 'Reply',
        control: true,
        answer: (exchange) => takeMoods(show, exchange),
      },
    ],
    ...pictureRoutes(show, isTrusted),
    '/api/devices': {
      method: 'GET',
      summary: 'What the show can listen to',
      control: true,
      answer: async ({ response }) => {
        sendJson(response, await devicesOf(show));
      },
    },
    '/api/clients': {
      method: 'GET',
      summary: 'Who is connected',
      control: true,
      answer: ({ response }) => {
        sendJson(response, { clients: clients.list() });
      },
    },
    '/api/displays': {
      method: 'GET',
      summary: 'What the displays report, and how they are doing',
      control: true,
      answer: ({ response }) => {
        sendJson(response, { displays: watch.list() });
      },
    },
    '/schema.json': {
      method: 'GET',
      summary: 'JSON Schema of the messages of the stream',
      type: 'application/schema+json',
      answer: ({ response }) => {
        sendText(response, 200, 'application/schema+json', schema);
      },
    },
    '/openapi.json': {
      method: 'GET',
      summary: 'This document',
      answer: ({ request, response }) => {
        sendText(response, 200, 'application/json', openApi(access.addressFor(request)));
      },
    },
    '/asyncapi.json': {
      method: 'GET',
      summary: 'AsyncAPI document of the streams',
      answer: ({ request, response }) => {
        sendText(response, 200, 'application/json', asyncApi(access.addressFor(request)));
      },
    },
    '/metrics': {
      method: 'GET',
      summary: 'Counters, for Prometheus',
      type: 'text/plain',
      answer: async ({ response }) => {
        sendText(response, 200, metrics.registry.contentType, await metrics.registry.metrics());
      },
    },
    '/healthz': {
      method: 'GET',
      summary: 'Answers while the server runs',
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
  const table = new Map(Object.entries(routes).map(([path, of]) => [path, [of].flat() as readonly Route[]]));
  const openApi = openApiText(version, table);
  return table;
}

/** @throws ClientFault malformed */
function queryOf<S extends z.ZodObject>(url: URL, schema: S): z.infer<S> {
  const query = schema.safeParse(Object.fromEntries(url.searchParams));
  if (query.success) return query.data;
  throw new ClientFault('malformed', describeIssues(query.error));
}

async function takeControl(conversation: Conversation, { request, response }: Exchange): Promise<void> {
  const parsed = controlSchema.safeParse(await readJson(request, MOST_MESSAGE_BYTES));
  if (!parsed.success) throw new ClientFault('malformed', describeIssues(parsed.error));
  const fault = await conversation.control(parsed.data);
  if (fault !== undefined) {
    sendFault(response, fault);
    return;
  }
  sendJson(response, DONE);
}

async function sendMoods(show: Show, response: ServerResponse): Promise<void> {
  const csv = await unlessRefused(show.moods());
  sendText(response, 200, 'text/csv; charset=utf-8', csv, {
    'Content-Disposition': 'attachment; filename="moods.csv"',
  });
}

async function takeMoods(show: Show, { request, response }: Exchange): Promise<void> {
  const csv = await readBody(request, 'text/csv', MOST_MOODS_BYTES);
  await unlessRefused(show.takeMoods(csv));
  sendJson(response, DONE);
}

/** @throws ClientFault refused, where the show says why it can't */
async function unlessRefused<T>(done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof SynestheteError) throw new ClientFault('refused', error.message);
    throw error;
  }
}

/** A machine without a sound system, which is no failure, has none: then `message` says why. */
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
