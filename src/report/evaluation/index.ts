export type { EvaluationFindings, LabelledClip } from './findings.ts';
export { reportPage } from './page.ts';
export { checkReportFolder, writeReport } from './write.ts';
