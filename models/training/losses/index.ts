export { LOSS_TERMS, totalLoss } from './terms.ts';
export type { LossSettings, LossTerm } from './terms.ts';
