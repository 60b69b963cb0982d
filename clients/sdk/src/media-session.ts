import type { SlotState, TrackSource } from '@switchyard/core/signal';
import { initialEncodings, type LayerPlan, planCameraLayers, preferCodecs } from './encodings.ts';
import { asSwitchyardError, knownError, type SwitchyardError } from './errors.ts';
import type { Answer, Joined, RequestBody } from './signal-messages.ts';

type OfferBody = Extract<RequestBody, { kind: 'offer' }>;

export interface MediaSessionOptions {
  readonly iceServers: Joined['iceServers'];
  readonly slots: Joined['slots'];
  readonly sendOffer: (offer: OfferBody) => Promise<Answer>;
  /** The whole table of receive slots, as an answer carries it. */
  readonly onSlots: (slots: readonly SlotState[]) => void;
  readonly onIceState: (state: RTCIceConnectionState) => void;
  readonly onFailure: (error: SwitchyardError) => void;
}

interface Sender {
  readonly source: TrackSource;
  readonly transceiver: RTCRtpTransceiver;
  isUsed: boolean;
}

/** Every page sends at most one of each, so their m-lines are in the first offer. */
const FIRST_SENDERS: readonly TrackSource[] = [
  'microphone',
  'camera',
  'screenShare',
  'screenShareAudio',
];

/**
 * One RTCPeerConnection with the server. All m-lines stand in its first offer: publishing is a
 * `replaceTrack`, receiving is the server putting a track into a slot. Only the client offers.
 */
export class MediaSession {
  readonly #options: MediaSessionOptions;
  readonly #connection: RTCPeerConnection;
  readonly #senders: Sender[] = [];
  readonly #pairs: { audio: RTCRtpTransceiver; video: RTCRtpTransceiver }[] = [];
  #negotiation: Promise<void> = Promise.resolve();
  #isFresh = true;
  #isClosed = false;

  constructor(options: MediaSessionOptions) {
    if (typeof RTCPeerConnection !== 'function') throw knownError('unsupportedBrowser');
    this.#options = options;
    this.#connection = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      // From JSON: a field is there or it is not, never `undefined`.
      iceServers: options.iceServers as RTCIceServer[],
    });
    this.#connection.oniceconnectionstatechange = () => {
      if (!this.#isClosed) options.onIceState(this.#connection.iceConnectionState);
    };
    for (const source of FIRST_SENDERS) this.#addSender(source);
    this.#addSlots(options.slots);
  }

  /** Resolves when the last offer made so far is answered; rejects with a `SwitchyardError`. */
  get ready(): Promise<void> {
    return this.#negotiation;
  }

  /** Makes an offer once those before it are answered. */
  negotiate(): Promise<void> {
    const next = this.#negotiation.catch(() => undefined).then(() => this.#offer());
    this.#negotiation = next;
    next.catch((error: unknown) => {
      if (!this.#isClosed) this.#options.onFailure(asSwitchyardError(error, 'mediaBlocked'));
    });
    return next;
  }

  restartIce(): void {
    this.#connection.restartIce();
    void this.negotiate().catch(() => undefined); // reported by onFailure
  }

  /** Puts a track on an m-line of its source, made if none is free. Returns where and in which layers. */
  async carry(
    source: TrackSource,
    track: MediaStreamTrack | null,
    kind: 'audio' | 'video',
    size: { width: number; height: number },
  ): Promise<{ mid: string; plan: LayerPlan[] }> {
    await this.ready;
    let sender = this.#senders.find((one) => one.source === source && !one.isUsed);
    if (!sender) {
      sender = this.#addSender(source, kind);
      sender.isUsed = true;
      await this.negotiate();
    }
    sender.isUsed = true;
    await sender.transceiver.sender.replaceTrack(track);
    const plan = source === 'camera' ? planCameraLayers(size.width, size.height) : [];
    await applyLayers(sender.transceiver.sender, plan);
    return { mid: sender.transceiver.mid ?? '', plan };
  }

  /** Changes what an m-line sends, without telling anybody. */
  async replace(mid: string, track: MediaStreamTrack | null): Promise<void> {
    await this.#senderAt(mid)?.transceiver.sender.replaceTrack(track);
  }

  /** Frees an m-line for the next track of its source. */
  async release(mid: string): Promise<void> {
    const sender = this.#senderAt(mid);
    if (!sender) return;
    sender.isUsed = false;
    await sender.transceiver.sender.replaceTrack(null);
  }

  /** The browser's track of a receive slot: the same as long as this session lives. */
  receiverTrack(mid: string): MediaStreamTrack | null {
    return this.#transceiverAt(mid)?.receiver.track ?? null;
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#isClosed = true;
    this.#connection.close();
  }

  async #offer(): Promise<void> {
    if (this.#isClosed) return;
    const connection = this.#connection;
    await connection.setLocalDescription(await connection.createOffer());
    // The server is ICE-lite and learns our addresses from our checks: gathering need not be awaited.
    const answer = await this.#options.sendOffer({
      kind: 'offer',
      sdp: connection.localDescription?.sdp ?? '',
      fresh: this.#isFresh,
      senders: this.#senders.map(({ transceiver, source }) => ({
        mid: transceiver.mid ?? '',
        source,
      })),
      pairs: this.#pairs.map(({ audio, video }) => ({
        audio: audio.mid ?? '',
        video: video.mid ?? '',
      })),
    });
    if (this.#isClosed) return;
    this.#isFresh = false;
    // Before anything is awaited: slot events that follow the answer must not be undone by it.
    this.#options.onSlots(answer.slots);
    await connection.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
  }

  #addSender(source: TrackSource, kind: 'audio' | 'video' = kindOf(source)): Sender {
    const transceiver = this.#connection.addTransceiver(kind, {
      direction: 'sendonly',
      sendEncodings: kind === 'audio' && source === 'unknown' ? [] : initialEncodings(source),
    });
    prefer(transceiver, kind, 'send');
    const sender = { source, transceiver, isUsed: false };
    this.#senders.push(sender);
    return sender;
  }

  #addSlots(slots: MediaSessionOptions['slots']): void {
    for (let i = 0; i < slots.pairs; i++) {
      this.#pairs.push({ audio: this.#addSlot('audio'), video: this.#addSlot('video') });
    }
    for (let i = 0; i < slots.videoOnly; i++) this.#addSlot('video');
    for (let i = 0; i < slots.audioOnly; i++) this.#addSlot('audio');
  }

  #addSlot(kind: 'audio' | 'video'): RTCRtpTransceiver {
    const transceiver = this.#connection.addTransceiver(kind, { direction: 'recvonly' });
    prefer(transceiver, kind, 'receive');
    return transceiver;
  }

  #transceiverAt(mid: string): RTCRtpTransceiver | undefined {
    return this.#connection.getTransceivers().find((one) => one.mid === mid);
  }

  #senderAt(mid: string): Sender | undefined {
    return this.#senders.find(({ transceiver }) => transceiver.mid === mid);
  }
}

function kindOf(source: TrackSource): 'audio' | 'video' {
  return source === 'microphone' || source === 'screenShareAudio' ? 'audio' : 'video';
}

/** Old Safari lacks the call, or refuses a list: then the browser's own order must do. */
function prefer(
  transceiver: RTCRtpTransceiver,
  kind: 'audio' | 'video',
  way: 'send' | 'receive',
): void {
  const source = way === 'send' ? RTCRtpSender : RTCRtpReceiver;
  try {
    const codecs = preferCodecs(source.getCapabilities(kind)?.codecs ?? []);
    if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
  } catch {
    // as said above
  }
}

async function applyLayers(sender: RTCRtpSender, plan: readonly LayerPlan[]): Promise<void> {
  if (plan.length === 0) return;
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) {
    const layer = plan.find(({ rid }) => rid === encoding.rid);
    if (!layer) continue;
    encoding.active = layer.isActive;
    encoding.maxBitrate = layer.maxBitrateBps;
  }
  await sender.setParameters(parameters);
}
