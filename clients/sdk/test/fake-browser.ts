/*
 * As much of a browser as the SDK touches: enough to run a room against a scripted server, without
 * media. Sockets and connections are kept so that a test can reach them.
 */

class FakeTrack extends EventTarget {
  readonly kind: string;
  enabled = true;
  readyState = 'live';
  contentHint = '';

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  getSettings(): object {
    return this.kind === 'video' ? { width: 1280, height: 720, deviceId: 'cam' } : {};
  }

  stop(): void {
    this.readyState = 'ended';
  }
}

class FakeStream {
  readonly #tracks: FakeTrack[];

  constructor(tracks: FakeTrack[] = []) {
    this.#tracks = [...tracks];
  }

  getTracks(): FakeTrack[] {
    return [...this.#tracks];
  }

  getAudioTracks(): FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === 'audio');
  }

  getVideoTracks(): FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === 'video');
  }
}

class FakeElement extends EventTarget {
  srcObject: FakeStream | null = null;
  muted = false;
  volume = 1;
  hidden = false;
  autoplay = false;
  clientWidth = 320;
  clientHeight = 180;

  play(): Promise<void> {
    return Promise.resolve();
  }

  pause(): void {}
  remove(): void {}
}

interface FakeSender {
  track: FakeTrack | null;
  replaceTrack(track: FakeTrack | null): Promise<void>;
  getParameters(): { encodings: object[] };
  setParameters(): Promise<void>;
}

export class FakeConnection extends EventTarget {
  static readonly all: FakeConnection[] = [];
  readonly transceivers: {
    mid: string | null;
    direction: string;
    sender: FakeSender;
    receiver: { track: FakeTrack };
    setCodecPreferences(): void;
  }[] = [];
  localDescription: { sdp: string } | null = null;
  iceConnectionState = 'new';
  oniceconnectionstatechange: (() => void) | null = null;
  isClosed = false;
  restartCount = 0;

  constructor() {
    super();
    FakeConnection.all.push(this);
  }

  addTransceiver(kind: string, init: { direction: string; sendEncodings?: object[] }) {
    const sender: FakeSender = {
      track: null,
      async replaceTrack(track) {
        sender.track = track;
      },
      getParameters: () => ({ encodings: init.sendEncodings ?? [] }),
      setParameters: async () => undefined,
    };
    const transceiver = {
      mid: null,
      direction: init.direction,
      sender,
      receiver: { track: new FakeTrack(kind) },
      setCodecPreferences: () => undefined,
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers() {
    return this.transceivers;
  }

  async createOffer() {
    return { type: 'offer', sdp: 'offer' };
  }

  async setLocalDescription(description: { sdp: string }) {
    this.localDescription = description;
    for (const [at, transceiver] of this.transceivers.entries()) transceiver.mid ??= String(at);
  }

  async setRemoteDescription() {
    for (let i = 0; i < 50; i++) await Promise.resolve(); // as a browser: messages overtake it
    this.setIce('connected');
  }

  setIce(state: string): void {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }

  restartIce(): void {
    this.restartCount++;
  }

  close(): void {
    this.isClosed = true;
  }

  getStats() {
    return Promise.resolve(new Map());
  }
}

export class FakeSocket {
  static readonly OPEN = 1;
  static readonly all: FakeSocket[] = [];
  static onCreate: (socket: FakeSocket) => void = () => undefined;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  onSent: (message: Record<string, unknown>) => void = () => undefined;

  constructor() {
    FakeSocket.all.push(this);
    queueMicrotask(() => FakeSocket.onCreate(this));
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  send(text: string): void {
    const message: Record<string, unknown> = JSON.parse(text);
    this.sent.push(message);
    queueMicrotask(() => this.onSent(message));
  }

  receive(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close(): void {
    this.readyState = 3;
  }

  /** The network took it away. */
  drop(): void {
    this.readyState = 3;
    this.onclose?.({ code: 1006 });
  }
}

class FakeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

/** Devices that the next captures find; a test may make one fail. */
export const fakeDevices = {
  failure: null as DOMException | null,
};

class FakeMediaDevices extends EventTarget {
  async getUserMedia(constraints: { audio?: object; video?: object }): Promise<FakeStream> {
    if (fakeDevices.failure) throw fakeDevices.failure;
    const tracks: FakeTrack[] = [];
    if (constraints.audio) tracks.push(new FakeTrack('audio'));
    if (constraints.video) tracks.push(new FakeTrack('video'));
    return new FakeStream(tracks);
  }
}

/** Puts all that into this process. */
export function installFakeBrowser(): void {
  const page = new EventTarget();
  const globals = {
    WebSocket: FakeSocket,
    RTCPeerConnection: FakeConnection,
    RTCRtpSender: { getCapabilities: () => ({ codecs: [{ mimeType: 'video/VP8' }] }) },
    RTCRtpReceiver: { getCapabilities: () => ({ codecs: [{ mimeType: 'video/VP8' }] }) },
    MediaStream: FakeStream,
    HTMLMediaElement: FakeElement,
    HTMLVideoElement: FakeElement,
    ResizeObserver: FakeObserver,
    IntersectionObserver: FakeObserver,
    devicePixelRatio: 1,
    addEventListener: page.addEventListener.bind(page),
    dispatchEvent: page.dispatchEvent.bind(page),
    navigator: { userAgent: 'fake', mediaDevices: new FakeMediaDevices() },
    document: Object.assign(new EventTarget(), {
      visibilityState: 'visible',
      pictureInPictureElement: null,
      createElement: () => new FakeElement(),
      body: { append: () => undefined },
    }),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
