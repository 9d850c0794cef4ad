import type { IncomingMessage, Server } from 'node:http';

/**
 * Lets a server answer below a path what it answers at its root, which stays: some proxies take the path away, others
 * don't.
 *
 * @param path with a slash at both ends
 */
export function serveBelow(server: Server, path: string): void {
  if (path === '/') return;
  const shorten = (request: IncomingMessage): void => {
    if (request.url?.startsWith(path) === true) request.url = request.url.slice(path.length - 1);
  };
  server.prependListener('request', shorten);
  server.prependListener('upgrade', shorten);
}
