export type { Block, Gap, Source, SourceEvent, SourceStatus } from './source.ts';
