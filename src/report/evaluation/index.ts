export type { EvaluationFindings, FigureBlock } from './findings.ts';
export { reportPage } from './page.ts';
export { checkReportFolder, writeReport } from './write.ts';
