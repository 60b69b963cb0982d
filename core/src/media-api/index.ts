export type { MediaCommand, WorkerLimits, WorkerSettings } from './commands.ts';
export {
  type ControlFrameError,
  ControlFrameReader,
  encodeControlBatch,
  encodeControlFrame,
  MAX_CONTROL_FRAME,
} from './control-frame.ts';
export type {
  DropReason,
  MediaNotice,
  TransportQuality,
  TransportState,
  WorkerLoad,
} from './notices.ts';
export type {
  CodecName,
  CodecParameters,
  DtlsFingerprint,
  ExtensionParameters,
  IceCredentials,
  IncomingMedia,
  LayerChoice,
  MediaKind,
  OutgoingMedia,
  SlotId,
  TrackId,
  TransportId,
  WorkerId,
} from './parameters.ts';
export {
  MAX_RELAY_PAYLOAD,
  parseRelayOpen,
  RELAY_HEADER_LENGTH,
  RelayFrameReader,
  RelayKind,
  writeRelayHeader,
  writeRelayOpen,
} from './relay-frame.ts';
export { MAX_WORKERS, ufragFor, workerOfUfrag } from './ufrag.ts';
