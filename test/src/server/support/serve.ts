import type { Test } from 'tap';
import { ShowServer, type ShowServerOptions } from '../../../../src/server/index.ts';
import { FakeShow } from './fake-show.ts';

export interface Served {
  readonly show: FakeShow;
  readonly server: ShowServer;
  /** HOST:PORT */
  readonly at: string;
  /** Lines that it logged. */
  readonly log: string[];
}

/** A server of a test's own on a free port, closed when the test ends. */
export async function serve(t: Test, options: Partial<ShowServerOptions> = {}): Promise<Served> {
  const show = new FakeShow();
  const log: string[] = [];
  const server = await ShowServer.open({
    show,
    port: 0,
    version: '0.0.0',
    log: (line) => log.push(line),
    ...options,
  });
  t.teardown(() => server.close());
  return { show, server, at: `127.0.0.1:${server.port}`, log };
}
