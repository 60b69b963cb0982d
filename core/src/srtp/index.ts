export type { SrtpCipher } from './cipher.ts';
export {
  type AesCtr,
  deriveSessionKeys,
  type SrtpSessionKeys,
  wipeSessionKeys,
} from './key-derivation.ts';
export {
  exportedKeyLength,
  MAX_SRTP_OVERHEAD,
  SRTP_PROFILES,
  type SrtpMasterKeys,
  type SrtpProfile,
  type SrtpProfileParameters,
  splitExportedKeys,
  srtpProfileOf,
} from './profile.ts';
export type { SrtpReceiveStream } from './receive-stream.ts';
export { SrtpReceiver, SrtpRejection } from './receiver.ts';
export { REPLAY_WINDOW } from './replay-window.ts';
export { SrtpSender, SrtpSendStream } from './sender.ts';
