export type { EvaluationFindings } from './findings.ts';
export { reportPage } from './page.ts';
export { checkReport, writeReport } from './write.ts';
