export { Announcer } from './announcer.ts';
export { Clients } from './clients.ts';
export { Conversation, faultOf, refusal } from './conversation.ts';
export type { DisplayInfo } from './display.ts';
export { DisplayWatch, HEALTH_STATES, type WatchedDisplay } from './display-watch.ts';
export { SocketIoDisplays } from './socket-io-displays.ts';
export { WebSocketDisplays, type DisplaysOptions } from './websocket-displays.ts';
