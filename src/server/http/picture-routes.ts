import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { DEFAULT_FIT, isScreenSize, SCREEN_SIZES, type Screen } from '../../../models/screens.ts';
import { fitSchema } from '../../../streams/program/index.ts';
import { ClientFault, describeIssues, type Rendition } from '../protocol/index.ts';
import type { ScreenPicture, Show } from '../show.ts';
import { sendJson } from './answer.ts';
import { sendPicture } from './files.ts';
import type { Route } from './route-table.ts';

const SIZES = SCREEN_SIZES.map(({ width, height }) => `${width}×${height}`).join(', ');

const screenSchema = z.strictObject({
  width: z.coerce
    .number()
    .int()
    .meta({ description: `Pixels of the screen, with its height one of ${SIZES}` }),
  height: z.coerce.number().int(),
  fit: fitSchema.default(DEFAULT_FIT),
});

/** What /api/pictures takes: a picture for a screen, or nothing. */
const pictureSchema = screenSchema.partial({ width: true, height: true });

/** The routes of pictures. */
export function pictureRoutes(
  show: Show,
  isTrusted: (request: IncomingMessage) => boolean,
): Readonly<Record<string, Route>> {
  return {
    '/api/pictures/': {
      method: 'GET',
      summary:
        'A picture; with `width` and `height` for a screen of that size, as far as that is made: until then as for all screens, with ' +
        '`Cache-Control: no-store`',
      type: 'image/*',
      prefix: true,
      query: pictureSchema,
      answer: async ({ request, response, url, rest }) => {
        if (!isForScreen(url.searchParams)) {
          const { file, type } = found(rest, (id) => show.picture(id));
          return sendPicture(request, response, file, type);
        }
        const { file, type, isPending } = await forScreen(show, rest, url.searchParams);
        return sendPicture(request, response, file, type, { isFinal: !isPending });
      },
    },
    '/api/renditions/': {
      method: 'GET',
      summary:
        'Where the best of a picture for a screen is now; of what is on show or may come next, a better one is made',
      prefix: true,
      query: screenSchema,
      schema: 'Rendition',
      answer: async ({ response, url, rest }) => {
        const picture = await forScreen(show, rest, url.searchParams);
        sendJson(response, renditionOf(rest, picture, screenOf(url.searchParams)));
      },
    },
    '/api/thumbnails/': {
      method: 'GET',
      summary: 'A small picture; of one that is kept out, only with the token',
      type: 'image/*',
      prefix: true,
      answer: ({ request, response, rest }) => {
        const { file, type, isPrivate } = found(rest, (id) => show.thumbnail(id, isTrusted(request)));
        return sendPicture(request, response, file, type, { isPrivate: isPrivate === true });
      },
    },
  };
}

function renditionOf(
  encodedId: string,
  { width, height, isOwn, isPending }: ScreenPicture,
  screen: Screen,
): Rendition {
  const query = isOwn ? `?width=${screen.width}&height=${screen.height}&fit=${screen.fit}` : '';
  return { url: `api/pictures/${encodedId}${query}`, width, height, final: !isPending };
}

/** Other parameters of an address, such as a time against caches, mean nothing. */
function isForScreen(query: URLSearchParams): boolean {
  return ['width', 'height', 'fit'].some((name) => query.has(name));
}

/** @throws ClientFault malformed, not-found */
async function forScreen(show: Show, encodedId: string, query: URLSearchParams): Promise<ScreenPicture> {
  const screen = screenOf(query);
  const id = decoded(encodedId);
  return orMissing(id === undefined ? undefined : await show.rendition(id, screen));
}

/** @throws ClientFault malformed */
function screenOf(query: URLSearchParams): Screen {
  const given = ['width', 'height', 'fit'].flatMap((name) =>
    query.has(name) ? [[name, query.get(name)]] : [],
  );
  const screen = screenSchema.safeParse(Object.fromEntries(given));
  if (!screen.success) throw new ClientFault('malformed', describeIssues(screen.error));
  if (!isScreenSize(screen.data))
    throw new ClientFault(
      'malformed',
      `pictures are made for screens of ${SIZES}: ask for one of these sizes`,
    );
  return screen.data;
}

/** @throws ClientFault not-found */
function found<T>(encodedId: string, find: (id: string) => T | undefined): T {
  const id = decoded(encodedId);
  return orMissing(id === undefined ? undefined : find(id));
}

function orMissing<T>(picture: T | undefined): T {
  if (picture === undefined) throw new ClientFault('not-found', 'there is no picture of that id');
  return picture;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
