export type { EvaluationFindings } from './findings.ts';
export { reportPage } from './page.ts';
export { checkReportFolder, writeReport } from './write.ts';
