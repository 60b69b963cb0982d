import type { Millis, Random } from '@switchyard/core/base';
import type { CodecName, WorkerId } from '@switchyard/core/media-api';

/** An address where clients reach a worker's media port, as it stands in the answer's candidates. */
export interface AdvertisedAddress {
  readonly protocol: 'udp' | 'tcp';
  /** Literal IP address. */
  readonly address: string;
  readonly port: number;
}

/** Like `RTCIceServer`, made anew for each participant (credentials are short-lived). */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** Bounds that keep one client or room from taking everything. */
export interface RoomLimits {
  /** Rooms on this server. Default 10 000. */
  readonly rooms: number;
  /** Sessions on this server, user sessions included. Default 20 000. */
  readonly sessions: number;
  /** Participants of a room whose definition names no other number. Default 500. */
  readonly participantsPerRoom: number;
  /** Default 32. */
  readonly tracksPerParticipant: number;
  /** Receive slots that one offer may have. Default 128. */
  readonly slotsPerParticipant: number;
  /** Attributes of a participant all together, characters. Default 16 384. */
  readonly attributesLength: number;
  /** Text messages of a participant: this many at once, refilled at the rate below. Default 30. */
  readonly messageBurst: number;
  /** Default 10. */
  readonly messagesPerSecond: number;
  /** Longest text message, UTF-16 code units. Default 65 536. */
  readonly messageLength: number;
}

export const DEFAULT_LIMITS: RoomLimits = {
  rooms: 10_000,
  sessions: 20_000,
  participantsPerRoom: 500,
  tracksPerParticipant: 32,
  slotsPerParticipant: 128,
  attributesLength: 16_384,
  messageBurst: 30,
  messagesPerSecond: 10,
  messageLength: 65_536,
};

/** How many receive slots clients are asked to offer. */
export interface SlotCounts {
  readonly pairs: number;
  readonly videoOnly: number;
  readonly audioOnly: number;
}

/** What the rooms cannot know or make themselves. All of it is called synchronously. */
export interface SwitchboardPorts {
  readonly random: Random;
  /** Milliseconds since the epoch for an instant of the monotonic clock. */
  wallClock(now: Millis): number;
  /** Where clients reach a worker: one entry for each address and protocol, best first. */
  advertise(worker: WorkerId): readonly AdvertisedAddress[];
  /** STUN and TURN servers for one participant. */
  iceServers(now: Millis, identity: string): readonly IceServer[];
  /** A token that admits a user to a call's room; null when this server holds no signing key. */
  issueToken(grant: {
    readonly identity: string;
    readonly name: string;
    readonly room: string;
  }): string | null;
}

export interface SwitchboardSettings {
  /** Told to clients. */
  readonly serverVersion: string;
  /** A room appears when somebody with a token for it joins. Default true. */
  readonly autoCreate: boolean;
  /** A room that nobody ever joined, or that everybody left, ends after this long, ms. Default 60 000. */
  readonly emptyTimeoutMs: number;
  readonly limits: RoomLimits;
  /** Default 9 pairs, 16 video-only, 3 audio-only. */
  readonly slots: SlotCounts;
  /** Codecs that answers take, best first. Whoever sends another than a receiver can decode is not heard by that one. */
  readonly audioCodecs: readonly CodecName[];
  readonly videoCodecs: readonly CodecName[];
  /** A room with more participants than this uses several workers. Default 40. */
  readonly spreadAfter: number;
  /** A worker above this share of its core gets no new participants while another is below. Default 0.75. */
  readonly busyAbove: number;
}

export const DEFAULT_SETTINGS: SwitchboardSettings = {
  serverVersion: '0.0.0',
  autoCreate: true,
  emptyTimeoutMs: 60_000,
  limits: DEFAULT_LIMITS,
  slots: { pairs: 9, videoOnly: 16, audioOnly: 3 },
  // Browsers send Opus; G.711 is for encoders and phones that have nothing better (RFC 7874 §3).
  audioCodecs: ['opus', 'pcmu', 'pcma', 'telephone-event'],
  // VP8 first: Firefox ESR has no H.264.
  videoCodecs: ['vp8', 'h264', 'vp9', 'av1'],
  spreadAfter: 40,
  busyAbove: 0.75,
};
