import { devices, type LocalTrack } from '@switchyard/client';
import { Store } from '../shared/store.ts';

export type CaptureState =
  | { readonly kind: 'off' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly track: LocalTrack }
  | { readonly kind: 'failed'; readonly code: string };

type Source = 'camera' | 'microphone';

/** Opens a device; a failure is data. */
export type OpenDevice = (
  source: Source,
  deviceId: string,
) => Promise<{ readonly track: LocalTrack } | { readonly code: string }>;

/**
 * Camera or microphone in the lobby: follows what the person wants, one opening at a time, and gives its
 * track away for the call.
 */
export class Capture extends Store<CaptureState> {
  readonly source: Source;
  readonly #open: OpenDevice;
  #turn = 0;

  constructor(source: Source, open: OpenDevice = openDevice) {
    super({ kind: 'off' });
    this.source = source;
    this.#open = open;
  }

  /** Opens a device (empty id: the browser's choice) in place of the present one. */
  async start(deviceId: string): Promise<void> {
    const turn = ++this.#turn;
    const before = this.#track();
    // The picture stays until the other device has one: no black flash when switching cameras.
    if (!before) this.set({ kind: 'opening' });
    const opened = await this.#open(this.source, deviceId);
    if (turn !== this.#turn) {
      if ('track' in opened) opened.track.stop(); // switched off, or another device, meanwhile
      return;
    }
    if ('track' in opened) this.set({ kind: 'open', track: opened.track });
    else this.set({ kind: 'failed', code: opened.code });
    before?.stop();
  }

  /** Ends the capture: the device's light goes out. */
  stop(): void {
    this.#turn++;
    this.#track()?.stop();
    this.set({ kind: 'off' });
  }

  /** Hands the running capture over to the call; null when there is none. */
  take(): LocalTrack | null {
    const track = this.#track();
    this.#turn++;
    this.set({ kind: 'off' });
    return track;
  }

  #track(): LocalTrack | null {
    const state = this.get();
    return state.kind === 'open' ? state.track : null;
  }
}

async function openDevice(source: Source, deviceId: string): ReturnType<OpenDevice> {
  const wish = deviceId ? { deviceId } : true;
  const preview = await devices.preview({
    camera: source === 'camera' && wish,
    microphone: source === 'microphone' && wish,
  });
  const { track, error } = preview[source];
  if (track) return { track };
  // The remembered device is at home, or its id changed with the site's data: any other will do.
  if (deviceId && error?.code === 'deviceMissing') return openDevice(source, '');
  return { code: error?.code ?? 'deviceFailed' };
}
