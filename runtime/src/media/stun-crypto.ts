import { createHmac } from 'node:crypto';
import type { StunCrypto } from '@switchyard/core/stun';

/** The keyed hash of connectivity checks. A few per second and peer, so Node's own is fast enough. */
export const stunCrypto: StunCrypto = {
  hmacSha1(key, buf, at, length, out) {
    createHmac('sha1', key)
      .update(buf.subarray(at, at + length))
      .digest()
      .copy(out);
  },
};
