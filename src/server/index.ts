export { createToken, isLoopback } from './access/index.ts';
export { linkAsQrCode } from './link.ts';
export { Osc, type OscOptions } from './osc/index.ts';
export { showMessageSchema, type ShowMessage, type ShowState } from './protocol/index.ts';
export { ShowServer, type ShowServerOptions } from './server.ts';
export type { GalleryEntry, GalleryPage, GalleryQuery, Picture, Show } from './show.ts';
