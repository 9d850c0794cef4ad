import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressBuckets } from '../access/index.ts';
import { faultOf } from '../displays/index.ts';
import { ClientFault } from '../protocol/index.ts';
import type { FailureLog } from '../quiet-log.ts';
import { bearerToken, sendFault } from './answer.ts';
import { sendStatic } from './files.ts';
import { routeTable, type Route, type RouteTableOptions } from './route-table.ts';

export interface RoutesOptions extends RouteTableOptions {
  /** How many requests each address may make. */
  readonly requests: AddressBuckets;
  /** Those for pictures. */
  readonly pictures: AddressBuckets;
  readonly log: FailureLog;
  /** Of the show's public address: `/`, or as `/visuals/`. */
  readonly publicPath?: string;
  /** The built web client; without one there are no pages. */
  readonly staticFolder?: string;
}

/** Displays ask for these whenever the picture on show changes. */
const PICTURE_PATH = /^\/api\/(pictures|renditions|thumbnails)\//;

/** Answers everything that comes over plain HTTP. */
export class Routes {
  readonly #options: RoutesOptions;
  readonly #routes: ReadonlyMap<string, readonly Route[]>;

  constructor(options: RoutesOptions) {
    this.#options = options;
    this.#routes = routeTable(options);
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
      if (!bucket.take(access.peerOf(request).address))
        throw new ClientFault('too-many', 'too many requests');
      if (url === undefined) throw new ClientFault('malformed', 'the address is malformed');
      this.#allowForeign(request, response);
      await this.#route(request, response, url);
    } catch (error) {
      const fault = faultOf(error, () => {
        const what = this.#nameOf(request);
        log(what, `${what} failed: ${String(error)}`);
      });
      if (response.headersSent) response.destroy();
      else sendFault(response, fault);
    }
  }

  #allowForeign(request: IncomingMessage, response: ServerResponse): void {
    const { access } = this.#options;
    // Also for requests without an origin: a cache would give that answer to a page that sends one.
    if (access.foreignOrigins.length > 0) response.setHeader('Vary', 'Origin');
    const origin = access.foreignOrigin(request);
    if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin);
  }

  async #route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { access, publicPath = '/', staticFolder } = this.#options;
    if (`${url.pathname}/` === publicPath && request.method === 'GET') {
      // The page's relative addresses need the slash.
      response.writeHead(308, { Location: `${publicPath.split('/').at(-2)!}/${url.search}` }).end();
      return;
    }
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
      if (route.control === true) access.requireControl(bearerToken(request), access.peerOf(request));
      await route.answer({ request, response, url, rest: found.rest });
      return;
    }
    if (url.pathname.startsWith('/api/')) throw new ClientFault('not-found', 'there is no such address');
    if (staticFolder === undefined) {
      throw new ClientFault('not-found', 'no web client is here: build it with `npm run build`');
    }
    await sendStatic(request, response, staticFolder, url.pathname);
  }

  /** The route of a request, in the words of the route table: never what the client wrote. */
  #nameOf(request: IncomingMessage): string {
    const found = this.#find(urlOf(request)?.pathname ?? '');
    return `${request.method === 'POST' ? 'POST' : 'GET'} ${found?.path ?? 'a page'}`;
  }

  #find(path: string): { path: string; routes: readonly Route[]; rest: string } | undefined {
    const exact = this.#routes.get(path);
    if (exact !== undefined && exact[0]!.prefix !== true) return { path, routes: exact, rest: '' };
    const end = path.lastIndexOf('/') + 1;
    const prefix = path.slice(0, end);
    const routes = this.#routes.get(prefix);
    return routes?.[0]!.prefix === true ? { path: prefix, routes, rest: path.slice(end) } : undefined;
  }
}

/** @returns undefined where it is malformed */
function urlOf(request: IncomingMessage): URL | undefined {
  const { url } = request;
  // Not resolved against a base, which would take `//other/` for a host.
  const path = url?.startsWith('/') === true ? url : '/';
  return URL.canParse(`http://localhost${path}`) ? new URL(`http://localhost${path}`) : undefined;
}
