/**
 * Copies `length` bytes between buffers that may be the same. A port: in the server it is
 * `Buffer.prototype.copy`, which, unlike `set(subarray())`, makes no view.
 */
export type CopyBytes = (
  source: Uint8Array,
  sourceAt: number,
  length: number,
  target: Uint8Array,
  targetAt: number,
) => void;
