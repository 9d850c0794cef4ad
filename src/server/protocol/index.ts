export {
  MOST_CANDIDATES,
  PROTOCOL_VERSION,
  type ScreenOnShow,
  type ShowMessage,
  type ShowState,
} from './show-message.ts';
export {
  clientMessageSchema,
  refOf,
  controlMessageSchema,
  groupSchema,
  helloSchema,
  soundHelloSchema,
  type Group,
  type Hello,
  type Role,
  type SoundHello,
} from './client-message.ts';
export type { DisplayReport } from './display-report.ts';
export type { Rendition } from './rendition.ts';
export { CLOSE_CODES, ClientFault, describeIssues, type Fault, type FaultCode, type Reply } from './reply.ts';
export { jsonSchemas, publishedSchema, type SchemaName } from './schemas.ts';
export { asyncApiText } from './asyncapi.ts';
