import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientFault, type Fault, type FaultCode } from '../protocol/index.ts';
import { refusal } from '../displays/index.ts';

export const FAULT_STATUS: Readonly<Record<FaultCode, number>> = {
  malformed: 400,
  unauthorised: 401,
  refused: 409,
  'too-many': 429,
  'not-found': 404,
  'not-allowed': 403,
  'too-large': 413,
  unavailable: 503,
  failed: 500,
};

export function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  sendText(response, status, 'application/json', JSON.stringify(value));
}

export function sendFault(response: ServerResponse, fault: Fault, status = FAULT_STATUS[fault.code]): void {
  const headers: Record<string, string> = {};
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer';
  if (status === 429) headers['Retry-After'] = '10';
  // Don't wait for the rest of a request that is too large.
  if (status === 413) headers['Connection'] = 'close';
  sendText(response, status, 'application/json', JSON.stringify(refusal(fault)), headers);
}

/** The JSON body of a request. @throws ClientFault not-allowed, too-large, malformed */
export async function readJson(request: IncomingMessage, mostBytes: number): Promise<unknown> {
  const body = await readBody(request, 'application/json', mostBytes);
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new ClientFault('malformed', 'the body is not JSON');
  }
}

/**
 * The body of a request.
 * @param type that it must have: one that forms of other sites can't send without a preflight
 * @throws ClientFault not-allowed, too-large, malformed
 */
export async function readBody(
  request: IncomingMessage,
  type: 'application/json' | 'text/csv',
  mostBytes: number,
): Promise<Buffer> {
  const [given = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(/[\s;]/, 1);
  if (given !== type) throw new ClientFault('not-allowed', `the Content-Type must be ${type}`);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > mostBytes) throw new ClientFault('too-large', `more than ${mostBytes} bytes`);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof ClientFault || request.complete) throw error;
    throw new ClientFault('malformed', 'the request ended before its body did');
  }
  return Buffer.concat(pieces);
}

/** The token of `Authorization: Bearer TOKEN`. */
export function bearerToken(request: IncomingMessage): string | undefined {
  return /^Bearer +(\S{1,256})$/i.exec(request.headers.authorization ?? '')?.[1];
}
