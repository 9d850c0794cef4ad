export type { EvaluationFindings, FigureBlock } from './findings.ts';
export { reportPage } from './page.ts';
export { checkReport, writeReport } from './write.ts';
