import type { Group } from '../protocol/index.ts';

/** A display that is connected, as /api/clients tells of it. */
export interface DisplayInfo {
  readonly id: string;
  readonly transport: 'ws' | 'socket.io' | 'sound';
  readonly address: string;
  readonly connectedAt: string;
  name: string | null;
  group: Group | null;
  /** It has given the token, or none is needed. */
  control: boolean;
  /** States that it was spared because it did not keep up. */
  skipped: number;
}
