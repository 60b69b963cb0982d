import type { MediaKind, TrackSource } from '@switchyard/core/signal';
import { fromMediaError, knownError } from './errors.ts';
import { Track } from './track.ts';

export interface CaptureOptions {
  /** Device to open; absent: the browser's default. */
  deviceId?: string;
  /** Wanted height of the picture, pixels. Default 720. */
  height?: number;
  /** Wanted frames per second. Default 30. */
  frameRate?: number;
  facingMode?: 'user' | 'environment';
  /** Default true, each. */
  echoCancellation?: boolean;
  noiseSuppression?: boolean;
  autoGainControl?: boolean;
}

/** A captured device or screen, or a track that the page made itself. */
export class LocalTrack extends Track {
  readonly options: CaptureOptions;
  #size = { width: 0, height: 0 };
  #onEnded: ((track: LocalTrack) => void) | null = null;

  constructor(
    mediaStreamTrack: MediaStreamTrack,
    source: TrackSource,
    options: CaptureOptions = {},
  ) {
    super(mediaStreamTrack.kind as MediaKind, source);
    this.options = options;
    this.use(mediaStreamTrack);
  }

  /** Id of the device behind it; undefined for screens and tracks of the page. */
  get deviceId(): string | undefined {
    return this.mediaStreamTrack?.getSettings().deviceId;
  }

  /** Pixels of the picture, also while its camera is off; 0 for sound. */
  get dimensions(): { width: number; height: number } {
    const settings = this.mediaStreamTrack?.getSettings();
    if (settings) this.#size = { width: settings.width ?? 0, height: settings.height ?? 0 };
    return this.#size;
  }

  /** Ends the capture: the device's light goes out. */
  stop(): void {
    this.mediaStreamTrack?.stop();
    this.setMediaStreamTrack(null);
  }

  /** For the SDK: puts a new capture behind this track, ending the one before. */
  use(track: MediaStreamTrack): void {
    const before = this.mediaStreamTrack;
    this.setMediaStreamTrack(track);
    if (before && before !== track) before.stop();
    track.addEventListener('ended', () => {
      if (this.mediaStreamTrack === track) this.#onEnded?.(this);
    });
  }

  /** For the SDK: one listener for a capture that ends by itself. */
  onEnded(listener: (track: LocalTrack) => void): void {
    this.#onEnded = listener;
  }
}

/** Opens camera or microphone. Rejects with a `SwitchyardError` that names the reason. */
export async function captureDevice(
  source: 'camera' | 'microphone',
  options: CaptureOptions = {},
): Promise<MediaStreamTrack> {
  const devices = mediaDevices();
  const constraints =
    source === 'camera'
      ? { video: videoConstraints(options) }
      : { audio: audioConstraints(options) };
  try {
    const stream = await devices.getUserMedia(constraints);
    return stream.getTracks()[0]!; // one kind was asked for: there is exactly one track
  } catch (error) {
    throw fromMediaError(error);
  }
}

/** Asks what to share. The first track is the picture; the second, if any, its sound. */
export async function captureScreen(options: { audio?: boolean }): Promise<MediaStreamTrack[]> {
  const devices = mediaDevices();
  if (typeof devices.getDisplayMedia !== 'function') throw knownError('unsupportedBrowser');
  try {
    const stream = await devices.getDisplayMedia({
      video: { frameRate: { max: 30 } },
      audio: options.audio ?? false,
    });
    return [...stream.getVideoTracks(), ...stream.getAudioTracks()];
  } catch (error) {
    throw fromMediaError(error, true);
  }
}

/**
 * Opens camera and microphone before joining, as for a lobby. With both asked for, one permission
 * dialog serves both.
 */
export async function createLocalTracks(
  options: { audio?: boolean | CaptureOptions; video?: boolean | CaptureOptions } = {
    audio: true,
    video: true,
  },
): Promise<LocalTrack[]> {
  const audio = options.audio === true ? {} : options.audio || null;
  const video = options.video === true ? {} : options.video || null;
  if (!audio && !video) return [];
  try {
    const stream = await mediaDevices().getUserMedia({
      ...(audio && { audio: audioConstraints(audio) }),
      ...(video && { video: videoConstraints(video) }),
    });
    return [
      ...stream.getAudioTracks().map((track) => new LocalTrack(track, 'microphone', audio ?? {})),
      ...stream.getVideoTracks().map((track) => new LocalTrack(track, 'camera', video ?? {})),
    ];
  } catch (error) {
    throw fromMediaError(error);
  }
}

/** `navigator.mediaDevices`, which browsers hide from pages without TLS. */
export function mediaDevices(): MediaDevices {
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
  if (!devices) {
    throw knownError(
      globalThis.isSecureContext === false ? 'insecureOrigin' : 'unsupportedBrowser',
    );
  }
  return devices;
}

function videoConstraints(options: CaptureOptions): MediaTrackConstraints {
  const height = options.height ?? 720;
  return {
    ...(options.deviceId ? { deviceId: { exact: options.deviceId } } : {}),
    ...(options.facingMode ? { facingMode: options.facingMode } : {}),
    width: { ideal: Math.round((height * 16) / 9) },
    height: { ideal: height },
    frameRate: { ideal: options.frameRate ?? 30 },
  };
}

function audioConstraints(options: CaptureOptions): MediaTrackConstraints {
  return {
    ...(options.deviceId ? { deviceId: { exact: options.deviceId } } : {}),
    echoCancellation: options.echoCancellation ?? true,
    noiseSuppression: options.noiseSuppression ?? true,
    autoGainControl: options.autoGainControl ?? true,
  };
}
