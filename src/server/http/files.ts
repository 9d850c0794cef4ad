import { basename, dirname } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import send from 'send';
import { ClientFault } from '../protocol/index.ts';

/** Pages load everything from the server itself, and nothing may frame or sniff it. */
const PAGE_POLICY = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** A picture that is opened alone runs nothing. */
const PICTURE_POLICY = "default-src 'none'; sandbox";

/** How long a display may keep a picture before it asks whether it is still the same. */
const PICTURE_MAX_AGE_MS = 600_000;

/**
 * Sends a file that the show named; the client has no influence on its path.
 *
 * @param options `isFinal`: another one will take its place soon unless set; `isPrivate`: no cache keeps it
 * @throws ClientFault not-found, when the file is gone
 */
export async function sendPicture(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  type: string,
  { isFinal = true, isPrivate = false }: { readonly isFinal?: boolean; readonly isPrivate?: boolean } = {},
): Promise<void> {
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Security-Policy', PICTURE_POLICY);
  if (isPrivate) response.setHeader('Cache-Control', 'private, no-store');
  else if (!isFinal) response.setHeader('Cache-Control', 'no-store');
  const stream = send(request, encodeURIComponent(basename(file)), {
    root: dirname(file),
    dotfiles: 'allow',
    index: false,
    cacheControl: isFinal && !isPrivate,
    ...(isPrivate && { etag: false, lastModified: false }),
    maxAge: PICTURE_MAX_AGE_MS,
  });
  await finished(stream, response, 'the picture is gone');
}

/**
 * Sends a file of the web client: `/` is index.html and /NAME is NAME.html.
 *
 * @throws ClientFault not-found; also for any path outside the folder
 */
export async function sendStatic(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  path: string,
): Promise<void> {
  response.setHeader('Content-Security-Policy', PAGE_POLICY);
  response.setHeader('Permissions-Policy', 'microphone=(self), display-capture=(self)');
  // Vite puts a hash of their content into the names of the files below assets/.
  const hashed = path.startsWith('/assets/');
  const stream = send(request, path, {
    root: folder,
    dotfiles: 'ignore',
    extensions: ['html'],
    immutable: hashed,
    maxAge: hashed ? '1y' : 0,
  });
  await finished(stream, response, 'there is no such page');
}

function finished(stream: send.SendStream, response: ServerResponse, missing: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('error', (error: Error & { status?: number }) => {
      for (const name of ['Content-Security-Policy', 'Permissions-Policy', 'Cache-Control', 'ETag']) {
        response.removeHeader(name);
      }
      if (error.status === 416) {
        response.writeHead(416).end();
        resolve();
      } else if (error.status === undefined || error.status >= 500) reject(error);
      else reject(new ClientFault('not-found', missing));
    });
    // With a slash at its end the path would be another page: there are no folders.
    stream.on('directory', () => {
      reject(new ClientFault('not-found', missing));
    });
    response.once('close', resolve);
    stream.pipe(response);
  });
}
