export { Access, addressOf, createToken, isLoopback } from './access.ts';
export { Connections } from './connections.ts';
export { AddressBuckets, TokenBucket } from './rates.ts';
