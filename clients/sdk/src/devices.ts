import type { SwitchyardError } from './errors.ts';
import { asSwitchyardError } from './errors.ts';
import { watchLevel } from './level-meter.ts';
import { type CaptureOptions, captureDevice, LocalTrack, mediaDevices } from './local-track.ts';

export type DeviceKind = 'camera' | 'microphone' | 'speaker';

export interface Device {
  readonly deviceId: string;
  readonly kind: DeviceKind;
  /** Empty until the user allowed a device of this kind. */
  readonly label: string;
}

/** What a lobby shows of one kind of device. */
export interface PreviewPart {
  readonly track: LocalTrack | null;
  /** Why there is no track although one was asked for. */
  readonly error: SwitchyardError | null;
}

const KINDS: Record<MediaDeviceKind, DeviceKind> = {
  videoinput: 'camera',
  audioinput: 'microphone',
  audiooutput: 'speaker',
};

/** The devices of this computer. */
export const devices = {
  /** Those of one kind, or all. Never asks for permission; labels are empty before it was given. */
  async list(kind?: DeviceKind): Promise<Device[]> {
    const all = await mediaDevices().enumerateDevices();
    return all
      .map(({ deviceId, kind: browserKind, label }) => ({
        deviceId,
        label,
        kind: KINDS[browserKind],
      }))
      .filter((device) => kind === undefined || device.kind === kind);
  },

  /** Calls `listener` with the list now and whenever something is plugged in or out. */
  watch(listener: (list: readonly Device[]) => void, kind?: DeviceKind): () => void {
    let isOver = false;
    const tell = () => {
      devices.list(kind).then(
        (list) => void (isOver || listener(list)),
        () => void (isOver || listener([])), // insecure origin: there are no devices to speak of
      );
    };
    tell();
    const browser = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
    browser?.addEventListener('devicechange', tell);
    return () => {
      isOver = true;
      browser?.removeEventListener('devicechange', tell);
    };
  },

  /** Opens camera and microphone for a lobby. Each part has its own failure; nothing rejects. */
  async preview(
    options: { camera?: boolean | CaptureOptions; microphone?: boolean | CaptureOptions } = {},
  ): Promise<DevicePreview> {
    const [camera, microphone] = await Promise.all([
      open('camera', options.camera ?? true),
      open('microphone', options.microphone ?? true),
    ]);
    return new DevicePreview(camera, microphone);
  },
};

/** An open lobby preview. Publish its tracks after joining, or `close` it: the lights go out. */
export class DevicePreview {
  readonly camera: PreviewPart;
  readonly microphone: PreviewPart;

  constructor(camera: PreviewPart, microphone: PreviewPart) {
    this.camera = camera;
    this.microphone = microphone;
  }

  /** Calls `listener` with the microphone's level, 0 to 1, some 20 times a second. */
  onLevel(listener: (level: number) => void): () => void {
    const track = this.microphone.track?.mediaStreamTrack;
    return track ? watchLevel(track, listener) : () => undefined;
  }

  close(): void {
    this.camera.track?.stop();
    this.microphone.track?.stop();
  }
}

async function open(
  source: 'camera' | 'microphone',
  wish: boolean | CaptureOptions,
): Promise<PreviewPart> {
  if (!wish) return { track: null, error: null };
  const options = wish === true ? {} : wish;
  try {
    const track = new LocalTrack(await captureDevice(source, options), source, { ...options });
    return { track, error: null };
  } catch (error) {
    return { track: null, error: asSwitchyardError(error, 'deviceFailed') };
  }
}
