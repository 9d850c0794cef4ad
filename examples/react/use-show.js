import { useEffect, useState } from 'react';
import { ShowClient } from 'synesthete/client';

/**
 * The show at an address, for a component: it is drawn again with each state, and the connection ends with it.
 *
 * @param {string} address of the server, as `http://127.0.0.1:8090`
 * @returns {{ message: import('synesthete/client').ShowMessage | null, link: import('synesthete/client').Link,
 *   client: ShowClient | null }} `message` and `client` are null at first
 */
export function useShow(address) {
  const [state, setState] = useState({ message: null, link: 'connecting', client: null });
  useEffect(() => {
    const client = new ShowClient(address, {
      hello: { name: 'react' },
      onShow: (message) => setState((before) => ({ ...before, message })),
      onLink: (link) => setState((before) => ({ ...before, link })),
    });
    setState((before) => ({ ...before, client }));
    return () => client.close();
  }, [address]);
  return state;
}

/**
 * Reports every few seconds what the component shows, so that the console knows.
 *
 * @param {ShowClient | null} client of {@link useShow}
 * @param {{ picture: string | null, black: boolean }} shown
 */
export function useReports(client, { picture, black }) {
  useEffect(() => {
    const report = () => client?.report({ picture, black, visible: !document.hidden });
    report();
    const reporting = setInterval(report, 2000);
    return () => clearInterval(reporting);
  }, [client, picture, black]);
}
