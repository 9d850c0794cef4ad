import type { Peer } from '../access/index.ts';
import type { Group, Role } from '../protocol/index.ts';

/** A connected display, as /api/clients lists it. */
export interface DisplayInfo extends Peer {
  readonly id: string;
  readonly transport: 'ws' | 'socket.io' | 'sound';
  readonly connectedAt: string;
  name: string | null;
  group: Group | null;
  /** What it says that it is; null for a feeder of sound. */
  role: Role | null;
  /** Whether it has sent the token, or none is needed. */
  control: boolean;
  /** States that were not sent because it did not keep up. */
  skipped: number;
}
