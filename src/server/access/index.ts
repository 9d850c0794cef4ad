export { Access, createToken } from './access.ts';
export { Connections } from './connections.ts';
export { Proxies, isLoopback, isOfThisMachine, type Peer } from './peer.ts';
export { checkedPublicUrl } from './public-url.ts';
export { AddressBuckets, TokenBucket } from './rates.ts';
export { checkToken } from './token-check.ts';
