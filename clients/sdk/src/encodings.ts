import type { TrackInfo, TrackSource } from '@switchyard/core/signal';

type Layer = TrackInfo['layers'][number];

/** Lowest first, as the server wants them; the scale is fixed when the sender is made. */
const CAMERA_RIDS = [
  { rid: 'q', scale: 4, share: 0.09 },
  { rid: 'h', scale: 2, share: 0.3 },
  { rid: 'f', scale: 1, share: 1 },
] as const;

/** Bits per pixel and frame at which VP8 looks well at 30 fps: 1280 x 720 then has 1.7 Mbit/s. */
const BITS_PER_PIXEL = 0.0615;
const MIN_LAYER_BPS = 80_000;
const SCREEN_BPS = 2_500_000;
const MICROPHONE_BPS = 40_000;
const SCREEN_AUDIO_BPS = 128_000;

/** Captures at least so wide get two and three layers: smaller copies of them would be useless. */
const TWO_LAYERS_FROM = 480;
const THREE_LAYERS_FROM = 960;

export interface LayerPlan {
  readonly rid: string;
  readonly isActive: boolean;
  readonly width: number;
  readonly height: number;
  readonly maxBitrateBps: number;
}

/**
 * Which simulcast layers a camera picture of this size (pixels) is sent in; inactive ones included. A
 * size of 0 is unknown: such a camera may turn out to be large.
 */
export function planCameraLayers(captureWidth: number, captureHeight: number): LayerPlan[] {
  const isKnown = captureWidth > 0 && captureHeight > 0;
  const width = isKnown ? captureWidth : 1280;
  const height = isKnown ? captureHeight : 720;
  const longSide = Math.max(width, height);
  const count = longSide >= THREE_LAYERS_FROM ? 3 : longSide >= TWO_LAYERS_FROM ? 2 : 1;
  const fullBps = width * height * 30 * BITS_PER_PIXEL;
  return CAMERA_RIDS.map(({ rid, scale, share }, at) => ({
    rid,
    isActive: at >= CAMERA_RIDS.length - count,
    width: Math.floor(width / scale),
    height: Math.floor(height / scale),
    maxBitrateBps: Math.max(MIN_LAYER_BPS, Math.round((fullBps * share) / 1_000) * 1_000),
  }));
}

/** What the `publish` message says about them. */
export function toLayers(plan: readonly LayerPlan[]): Layer[] {
  return plan
    .filter(({ isActive }) => isActive)
    .map(({ rid, width, height, maxBitrateBps }) => ({ rid, width, height, maxBitrateBps }));
}

/** The encodings a sender is made with, before anything is captured. */
export function initialEncodings(source: TrackSource): RTCRtpEncodingParameters[] {
  switch (source) {
    case 'camera':
      return planCameraLayers(1280, 720).map(({ rid, maxBitrateBps }, at) => ({
        rid,
        active: true,
        scaleResolutionDownBy: CAMERA_RIDS[at]!.scale, // the plan has an entry for each rid
        maxBitrate: maxBitrateBps,
      }));
    case 'screenShare':
    case 'unknown':
      return [{ maxBitrate: SCREEN_BPS }];
    case 'screenShareAudio':
      return [{ maxBitrate: SCREEN_AUDIO_BPS }];
    case 'microphone':
      return [{ maxBitrate: MICROPHONE_BPS }];
  }
}

const VIDEO_CODECS = ['video/vp8', 'video/rtx', 'video/h264', 'video/vp9'];
const AUDIO_CODECS = ['audio/opus', 'audio/pcmu', 'audio/pcma', 'audio/telephone-event'];

/**
 * The codecs to offer, VP8 and Opus first. Those that the server never uses are left out, and of H.264
 * and VP9 all but the profiles that everybody decodes: with 40 m-lines they are most of the offer
 * (132 KB in Chromium otherwise). The browser ties each RTX to the codec before it by itself.
 */
export function preferCodecs<
  Codec extends { readonly mimeType: string; readonly sdpFmtpLine?: string | undefined },
>(codecs: readonly Codec[]): Codec[] {
  const rank = (codec: Codec): number => {
    const type = codec.mimeType.toLowerCase();
    return Math.max(VIDEO_CODECS.indexOf(type), AUDIO_CODECS.indexOf(type));
  };
  return codecs
    .filter((codec) => rank(codec) >= 0 && isCommonProfile(codec))
    .sort((a, b) => rank(a) - rank(b));
}

/** H.264: constrained baseline or high, not single NAL units (RFC 6184 §8.1). VP9: 8 bit 4:2:0. */
function isCommonProfile(codec: { mimeType: string; sdpFmtpLine?: string | undefined }): boolean {
  const parameters = codec.sdpFmtpLine ?? '';
  switch (codec.mimeType.toLowerCase()) {
    case 'video/h264':
      return (
        /packetization-mode=1/.test(parameters) && /profile-level-id=(42e0|64)/i.test(parameters)
      );
    case 'video/vp9':
      return !/profile-id=[1-9]/.test(parameters);
    default:
      return true;
  }
}
