export { Access, addressOf, createToken, isLoopback } from './access.ts';
export { AddressBuckets, TokenBucket } from './rates.ts';
