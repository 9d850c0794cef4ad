/**
 * A client of a show, for browsers and Node. It depends on nothing.
 * @module synesthete/client
 */
export {
  ShowClient,
  ShowRefusal,
  type ClientHealth,
  type ClientOptions,
  type Introduction,
  type Report,
} from './client.ts';
export type { Link, Socket, SocketConstructor } from './connection.ts';
export type { FaultCode, ShowMessage } from '../server/protocol/index.ts';
export type { Control } from '../../streams/program/index.ts';
