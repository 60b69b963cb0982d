export type { MediaCommand, WorkerLimits, WorkerSettings } from './commands.ts';
export type { MediaNotice, TransportQuality, TransportState, WorkerLoad } from './notices.ts';
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
