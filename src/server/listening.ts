import { once } from 'node:events';
import { createServer } from 'node:net';
import { SynestheteError } from '../../models/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken: end the program that has it, or choose another port',
  EACCES: 'this port is not permitted: choose one above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address: choose another host',
  ENOTFOUND: 'there is no host of that name: choose another host',
};

/** Says in one line why the server can't listen at an address. */
export function cannotListen(what: string, host: string, port: number, error: unknown): SynestheteError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''] ?? message;
  return new SynestheteError('CANNOT_LISTEN', `${what} can't listen at ${host} port ${port}: ${reason}`, {
    cause: error,
  });
}

/** Listens and releases the port, so that what would fail later fails now. @throws SynestheteError CANNOT_LISTEN */
export async function checkListening(what: string, host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(what, host, port, error);
  }
  server.close();
  await once(server, 'close');
}
