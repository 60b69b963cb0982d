export { bytesPerCall } from './bytes-per-call.ts';
export { Link, type LinkOptions } from './link.ts';
export { addressKey, Nat, type NatKind } from './nat.ts';
export { SeededRandom } from './seeded-random.ts';
export { stunCrypto } from './stun-crypto.ts';
export {
  type Actor,
  type HostOptions,
  type Receive,
  VirtualHost,
  VirtualNetwork,
  type VirtualSocket,
} from './virtual-network.ts';
