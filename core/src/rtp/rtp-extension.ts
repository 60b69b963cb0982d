/** The header extensions Switchyard knows, as small integers. */
export const RtpExtension = {
  /** Media identification of the m-line. RFC 9143 §15.1. */
  mid: 1,
  /** RTP stream id of a simulcast layer. RFC 8852 §3.1. */
  rid: 2,
  /** The stream id an RTX stream repairs. RFC 8852 §3.2. */
  rrid: 3,
  /** Voice activity and -dBov. RFC 6464. */
  audioLevel: 4,
  /** Send time, 6.18 fixed point seconds. */
  absSendTime: 5,
  /** Transport-wide sequence number. draft-holmer-rmcat-transport-wide-cc-extensions-01. */
  transportCc: 6,
  /** Transmission offset. RFC 5450. */
  toffset: 7,
  /** Coordination of video orientation. 3GPP TS 26.114. */
  videoOrientation: 8,
  playoutDelay: 9,
  videoContentType: 10,
  videoTiming: 11,
  colorSpace: 12,
  absCaptureTime: 13,
  videoLayersAllocation: 14,
  /** AV1 RTP specification, annex A. */
  dependencyDescriptor: 15,
  /** Levels of the contributing sources of a mixer. RFC 6465. */
  csrcAudioLevel: 16,
} as const;
export type RtpExtension = (typeof RtpExtension)[keyof typeof RtpExtension];

const EXPERIMENTS = 'http://www.webrtc.org/experiments/rtp-hdrext/';

const URIS: Record<RtpExtension, string> = {
  [RtpExtension.mid]: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  [RtpExtension.rid]: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  [RtpExtension.rrid]: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  [RtpExtension.audioLevel]: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  [RtpExtension.absSendTime]: `${EXPERIMENTS}abs-send-time`,
  [RtpExtension.transportCc]:
    'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  [RtpExtension.toffset]: 'urn:ietf:params:rtp-hdrext:toffset',
  [RtpExtension.videoOrientation]: 'urn:3gpp:video-orientation',
  [RtpExtension.playoutDelay]: `${EXPERIMENTS}playout-delay`,
  [RtpExtension.videoContentType]: `${EXPERIMENTS}video-content-type`,
  [RtpExtension.videoTiming]: `${EXPERIMENTS}video-timing`,
  [RtpExtension.colorSpace]: `${EXPERIMENTS}color-space`,
  [RtpExtension.absCaptureTime]: `${EXPERIMENTS}abs-capture-time`,
  [RtpExtension.videoLayersAllocation]: `${EXPERIMENTS}video-layers-allocation00`,
  [RtpExtension.dependencyDescriptor]:
    'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  [RtpExtension.csrcAudioLevel]: 'urn:ietf:params:rtp-hdrext:csrc-audio-level',
};

const KINDS = new Map(
  Object.values(RtpExtension).map((kind): [string, RtpExtension] => [URIS[kind], kind]),
);

/** The URI of `a=extmap` for an extension. */
export const extensionUri = (kind: RtpExtension): string => URIS[kind];

/** The extension an `a=extmap` URI names; undefined when it is not known here. */
export const extensionKind = (uri: string): RtpExtension | undefined => KINDS.get(uri);

/**
 * The extension ids negotiated in one direction of one m-line: kind to id, 0 when absent. Built from
 * SDP, then only read.
 */
export class ExtensionIds {
  readonly #ids = new Uint8Array(Object.keys(RtpExtension).length + 1);

  /** @param entries pairs of kind and id, as `set` takes them. */
  constructor(entries: Iterable<readonly [RtpExtension, number]> = []) {
    for (const [kind, id] of entries) this.set(kind, id);
  }

  /** The negotiated id, 1..255; 0 when the extension was not negotiated. */
  get(kind: RtpExtension): number {
    return this.#ids[kind]!;
  }

  /** @param id 1..255; 0 removes. Ids above 14 need the two-byte form. */
  set(kind: RtpExtension, id: number): void {
    this.#ids[kind] = id;
  }
}
