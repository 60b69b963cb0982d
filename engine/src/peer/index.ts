export { type PlainHost, PlainPeer } from './plain-peer.ts';
export type { WallClock } from './ports.ts';
export { RtpOutcome, RtpSession } from './rtp-session.ts';
export { type PeerHost, WebRtcPeer, type WebRtcPeerOptions } from './webrtc-peer.ts';
