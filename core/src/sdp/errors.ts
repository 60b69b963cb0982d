/** Why a session description is not accepted. `mid` is empty when the m-line has none. */
export type SdpError =
  | { readonly code: 'tooLong'; readonly length: number }
  | { readonly code: 'tooManyMedia'; readonly count: number }
  | { readonly code: 'tooManyLines'; readonly count: number }
  | { readonly code: 'noMedia' }
  | { readonly code: 'badLine'; readonly mid: string; readonly line: string }
  | { readonly code: 'badMid'; readonly index: number; readonly mid: string }
  | { readonly code: 'duplicateMid'; readonly mid: string }
  | { readonly code: 'badProtocol'; readonly mid: string; readonly protocol: string }
  | { readonly code: 'sdesCrypto'; readonly mid: string }
  | { readonly code: 'missingRtcpMux'; readonly mid: string }
  | { readonly code: 'missingIce'; readonly mid: string }
  | { readonly code: 'badIce'; readonly mid: string }
  | { readonly code: 'missingFingerprint'; readonly mid: string }
  | { readonly code: 'weakFingerprint'; readonly mid: string; readonly algorithm: string }
  | { readonly code: 'badSetup'; readonly mid: string; readonly setup: string }
  | { readonly code: 'notBundled'; readonly mid: string }
  | { readonly code: 'payloadTypeConflict'; readonly mid: string; readonly payloadType: number }
  | { readonly code: 'extensionConflict'; readonly mid: string; readonly id: number }
  /** Two lite agents would wait for each other's checks. */
  | { readonly code: 'iceLite' }
  /** Nothing in the m-line that cannot be left out: the tag of the BUNDLE group. */
  | { readonly code: 'noCommonCodec'; readonly mid: string; readonly offered: readonly string[] }
  | { readonly code: 'tagRejected'; readonly mid: string }
  /** A later offer of the same connection broke RFC 3264 §8. */
  | { readonly code: 'mediaRemoved'; readonly count: number; readonly before: number }
  | { readonly code: 'midMoved'; readonly mid: string; readonly index: number }
  | { readonly code: 'fingerprintChanged' }
  | { readonly code: 'roleChanged'; readonly setup: string };

/** One or two sentences for people: what is wrong with the description and what the sender should do. */
export function describeSdpError(error: SdpError): string {
  switch (error.code) {
    case 'tooLong':
      return `The session description has ${error.length} characters; send at most 262144.`;
    case 'tooManyMedia':
      return `The session description has ${error.count} m-lines; send at most 256.`;
    case 'tooManyLines':
      return `The session description has ${error.count} lines; send at most 16384.`;
    case 'noMedia':
      return 'The session description has no m-line in use; add a transceiver before creating the offer.';
    case 'badLine':
      return `The line "${error.line}" ${place(error.mid)} is malformed; send it as the RFC for that attribute says.`;
    case 'badMid':
      return `m-line ${error.index} has the mid "${error.mid}"; every m-line needs an a=mid of 1 to 16 token characters.`;
    case 'duplicateMid':
      return `Two m-lines have the mid "${error.mid}"; give each its own.`;
    case 'badProtocol':
      return `The protocol "${error.protocol}" ${place(error.mid)} is not WebRTC's; use UDP/TLS/RTP/SAVPF.`;
    case 'sdesCrypto':
      return `There is an a=crypto line ${place(error.mid)}; only DTLS-SRTP is accepted, so leave SDES keys out.`;
    case 'missingRtcpMux':
      return `There is no a=rtcp-mux ${place(error.mid)}; RTP and RTCP share one port here, so set rtcpMuxPolicy to "require".`;
    case 'missingIce':
      return `There is no a=ice-ufrag or a=ice-pwd ${place(error.mid)}; send both, at the session or in the m-line.`;
    case 'badIce':
      return `a=ice-ufrag or a=ice-pwd ${place(error.mid)} is malformed; use 4 to 256 and 22 to 256 ice-chars.`;
    case 'missingFingerprint':
      return `There is no a=fingerprint ${place(error.mid)}; send the SHA-256 fingerprint of the DTLS certificate.`;
    case 'weakFingerprint':
      return `The only fingerprint ${place(error.mid)} uses ${error.algorithm}; send one with sha-256.`;
    case 'badSetup':
      return `a=setup:${error.setup} ${place(error.mid)} is not usable; offer actpass.`;
    case 'notBundled':
      return `The m-line "${error.mid}" is not in the BUNDLE group; set bundlePolicy to "max-bundle".`;
    case 'payloadTypeConflict':
      return `Payload type ${error.payloadType} ${place(error.mid)} means something else elsewhere in the BUNDLE group; give each codec its own number.`;
    case 'extensionConflict':
      return `Header extension ${error.id} ${place(error.mid)} has another URI elsewhere in the BUNDLE group; give each URI its own id.`;
    case 'iceLite':
      return 'The offer is ICE-lite and so is this server; offer with a full ICE agent.';
    case 'noCommonCodec':
      return `None of the codecs ${place(error.mid)} (${error.offered.join(', ') || 'none that is known'}) is enabled; offer Opus for audio, VP8 or H264 for video.`;
    case 'tagRejected':
      return `The m-line "${error.mid}" leads the BUNDLE group and cannot be refused alone; put an audio or video m-line first.`;
    case 'mediaRemoved':
      return `The offer has ${error.count} m-lines, the one before had ${error.before}; keep them and set port 0 instead.`;
    case 'midMoved':
      return `m-line ${error.index} has become "${error.mid}" while it was in use; keep mids in their places.`;
    case 'fingerprintChanged':
      return 'The DTLS fingerprint changed within a connection; open a new RTCPeerConnection instead.';
    case 'roleChanged':
      return `a=setup:${error.setup} would change the DTLS role of the connection; offer actpass.`;
  }
}

const place = (mid: string): string => (mid === '' ? 'of the session' : `of the m-line "${mid}"`);
