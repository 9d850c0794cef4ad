export { createToken } from './access/index.ts';
export { linkAsQrCode } from './link.ts';
export { Osc } from './osc/index.ts';
export type { WatchedDisplay } from './displays/index.ts';
export { type ShowMessage, type ShowState } from './protocol/index.ts';
export { ShowServer, type ShowServerOptions } from './server.ts';
export type { GalleryEntry, GalleryPage, GalleryQuery, Picture, Show } from './show.ts';
