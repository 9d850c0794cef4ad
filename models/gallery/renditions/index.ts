export { renderForScreens } from './render.ts';
export { RenditionStore, type ScreenRendition } from './store.ts';
