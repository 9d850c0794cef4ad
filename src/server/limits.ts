/** What one client, and all together, may ask of the server. */
export interface Limits {
  /** Displays and feeders together. */
  readonly clients: number;
  /** For one address other than this machine. */
  readonly clientsPerAddress: number;
  /** TCP connections of one address, of clients and all others; this machine itself may have thousands of displays. */
  readonly connectionsPerAddress: number;
  /** For one connection. */
  readonly messagesPerSecond: number;
  readonly messagesBurst: number;
  /** For one address, with handshakes of Socket.IO, without pictures. */
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  /** Also for one address: hundreds of displays behind one router ask at once, and pages for hundreds of thumbnails. */
  readonly picturesPerSecond: number;
  readonly picturesBurst: number;
  /** Time between two pings of a display. */
  readonly heartbeatMs: number;
  /** A display that does not answer, or does not read, for this time is cut. */
  readonly stalledAfterMs: number;
  /** A display that says nothing good of its screen for this time is a bad one. */
  readonly badAfterMs: number;
}

export const LIMITS: Limits = {
  clients: 10_000,
  clientsPerAddress: 500,
  connectionsPerAddress: 6000,
  messagesPerSecond: 60,
  messagesBurst: 120,
  requestsPerSecond: 200,
  requestsBurst: 2000,
  picturesPerSecond: 2000,
  picturesBurst: 10_000,
  heartbeatMs: 5000,
  stalledAfterMs: 15_000,
  badAfterMs: 10_000,
};

/** Longest message of a client. The longest valid one, a pin with a token, is a tenth of it. */
export const MOST_MESSAGE_BYTES = 8192;
