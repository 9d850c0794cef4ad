import type { IncomingMessage, Server } from 'node:http';

/** What the client wants to become of the connection, beside what becomes of this request. */
const ABOUT_UPGRADES = new Set(['upgrade', 'http2-settings']);

/** Whether a request to switch protocols names WebSocket: then its `Upgrade` names nothing else afterwards. */
export function namesWebSocket(request: IncomingMessage): boolean {
  const { upgrade = '' } = request.headers;
  const names = upgrade.split(',').map((name) => name.trim().toLowerCase());
  if (!names.includes('websocket') || request.httpVersion === '1.0') return false;
  request.headers.upgrade = 'websocket';
  return true;
}

/**
 * Lets the server read a request again, without its wish for another protocol. Node hands over every request with such
 * a wish, its body unread.
 *
 * @param head what was read of the connection behind the request's headers
 */
export function sendBack(server: Server, request: IncomingMessage, head: Buffer): void {
  const { httpVersion, method = '', rawHeaders, socket, url = '' } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (ABOUT_UPGRADES.has(name)) continue;
    const value = name === 'connection' ? withoutUpgrades(rawHeaders[i + 1]!) : rawHeaders[i + 1]!;
    if (name !== 'connection' || value !== '') lines.push(`${name}: ${value}`);
  }
  // What comes last is read first.
  if (head.length > 0) socket.unshift(head);
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  server.emit('connection', socket);
}

function withoutUpgrades(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !ABOUT_UPGRADES.has(option.toLowerCase())).join(', ');
}
