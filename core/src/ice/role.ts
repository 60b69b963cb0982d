import { StunAttribute, type StunView } from '../stun/index.ts';

/** Our part in the session: the controlling agent nominates. RFC 8445 §6.1.1. */
export interface Role {
  isControlling: boolean;
  /** 8 random bytes. RFC 8445 §16.1. */
  tieBreaker: Uint8Array;
}

/** Changes our role if the peer's claim to the same one is better; false when ours is. RFC 8445 §7.3.1.1. */
export function settleRole(role: Role, request: StunView): boolean {
  const claim = role.isControlling ? StunAttribute.iceControlling : StunAttribute.iceControlled;
  const theirsAt = request.findSized(claim, 8);
  if (theirsAt < 0) return true;
  const isOursLess = compareBytes(role.tieBreaker, request.buf, theirsAt) < 0;
  if (role.isControlling !== isOursLess) return false;
  role.isControlling = !role.isControlling;
  return true;
}

/** Compares 8-byte unsigned integers: negative when `a` is less than the one at `at` of `buf`. */
function compareBytes(a: Uint8Array, buf: Uint8Array, at: number): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== buf[at + i]) return a[i]! - buf[at + i]!;
  return 0;
}
