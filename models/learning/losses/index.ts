export type { RatioReading } from './ratio.ts';
export { LOSS_TERMS, totalLoss } from './terms.ts';
export type { Batch, LossSettings, LossTerm } from './terms.ts';
