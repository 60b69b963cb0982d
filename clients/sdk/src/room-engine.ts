import type { RoomInfo } from '@switchyard/core/signal';
import { AudioSinks } from './audio-sinks.ts';
import { Calls } from './calls.ts';
import { CHAT_TOPIC, type ChatMessage } from './chat.ts';
import { asSwitchyardError, knownError, type SwitchyardError } from './errors.ts';
import { NOBODY, type RoomOptions, toJoin } from './identity.ts';
import { LocalParticipant } from './local-participant.ts';
import { MediaLink } from './media-link.ts';
import { watchNetwork } from './network.ts';
import type { RemoteParticipant } from './participant.ts';
import { Presence } from './presence.ts';
import type {
  DisconnectReason,
  MediaState,
  RoomConnectionState,
  RoomEvents,
} from './room-events.ts';
import { EMPTY_ROOM, fromSnapshot, reduceRoom } from './room-state.ts';
import { Roster } from './roster.ts';
import type { Joined, Reply, RequestBody, Resumed, RoomMessage } from './signal-messages.ts';
import { type SessionEvent, SignalSocket, toEndError } from './signal-socket.ts';
import { SlotBinder } from './slot-binder.ts';
import type { TrackPublication } from './track-publication.ts';
import { ViewObserver } from './view-observer.ts';

export interface EnginePort {
  emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void;
  hasListeners(event: keyof RoomEvents): boolean;
  addChat(message: ChatMessage): void;
}

/** Media workers that crashed start again within a second: who joins in that moment waits for them. */
const WORKER_WAIT_MS = 1_000;
const MAX_WORKER_WAITS = 10;

/** What works inside a `Room`: routes the server's messages to the parts that decide. */
export class RoomEngine {
  readonly localParticipant: LocalParticipant;
  readonly audio: AudioSinks;
  readonly calls: Calls;
  readonly presence: Presence;
  state: RoomConnectionState = 'disconnected';
  clockOffsetMs = 0;
  roundTripMs = 0;
  readonly #options: RoomOptions;
  readonly #port: EnginePort;
  readonly #media: MediaLink;
  readonly #roster: Roster;
  readonly #slots: SlotBinder;
  #view: ViewObserver | null = null;
  #socket: SignalSocket | null = null;
  #joined: Joined | null = null;
  /** Offers in a row that found no media worker. */
  #workerWaits = 0;
  #settleConnect: ((error: SwitchyardError | null) => void) | null = null;
  #stopWatching: () => void = () => undefined;

  constructor(options: RoomOptions, port: EnginePort) {
    this.#options = options;
    this.#port = port;
    const emit = port.emit;
    const request = this.request.bind(this);
    this.audio = new AudioSinks((isBlocked) => emit('audioPlaybackBlocked', isBlocked));
    this.#media = new MediaLink({
      sendOffer: async (offer) => {
        if (!this.#socket) throw knownError('notConnected');
        return this.#socket.request(offer);
      },
      onSlots: (slots) => this.#slots.apply(slots, true),
      onState: (state) => emit('mediaStateChanged', state),
      onFailure: (error) => this.#handleMediaFailure(error),
    });
    this.localParticipant = new LocalParticipant(NOBODY, {
      media: this.#media,
      request,
      emit,
      announcedTracks: () =>
        this.#roster.state.participants.get(this.localParticipant.sid)?.tracks ?? [],
    });
    this.#roster = new Roster(this.localParticipant, {
      emit,
      onWish: () => this.#view?.refresh(),
      onVolume: (participant) => this.audio.setVolume(participant),
      onTrackAdded: (publication) => {
        this.#view?.watch(publication);
        this.#slots.handleTrackAdded(publication);
      },
      onTrackRemoved: (trackSid) => this.#slots.handleTrackRemoved(trackSid),
    });
    this.presence = new Presence({ emit, participant: (sid) => this.#roster.get(sid) });
    this.#slots = new SlotBinder(
      {
        emit,
        receiverTrack: (mid) => this.#media.receiverTrack(mid),
        findTrack: (trackSid) => this.#roster.findTrack(trackSid),
      },
      this.audio,
    );
    this.calls = new Calls(
      request,
      () => this.localParticipant.identity,
      (call) => {
        emit('callReceived', call);
        return port.hasListeners('callReceived');
      },
    );
  }

  get info(): RoomInfo | null {
    return this.#roster.state.room;
  }

  get mediaState(): MediaState {
    return this.#media.state;
  }

  get remoteParticipants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#roster.remoteParticipants;
  }

  *publications(): Generator<TrackPublication> {
    yield* this.localParticipant.trackPublications.values();
    yield* this.#roster.remotePublications();
  }

  getStats(): Promise<RTCStatsReport | null> {
    return this.#media.getStats();
  }

  async request(body: Exclude<RequestBody, { kind: 'offer' }>): Promise<Reply> {
    if (!this.#socket) throw knownError('notConnected');
    return this.#socket.request(body);
  }

  connect(signalUrl: string, token: string): Promise<void> {
    this.close('left', null);
    this.#setState('connecting');
    return new Promise<void>((resolve, reject) => {
      this.#settleConnect = (error) => (error ? reject(error) : resolve());
      const socket = new SignalSocket(signalUrl, toJoin(token, this.#options), (event) => {
        if (this.#socket === socket) this.#handleSession(event);
      });
      this.#socket = socket;
      socket.start();
    });
  }

  /** Ends everything of this connection. Harmless when there is none. */
  close(reason: DisconnectReason, error: SwitchyardError | null): void {
    if (this.state === 'disconnected') return;
    const socket = this.#socket;
    const settle = this.#settleConnect;
    const wasInside = settle === null;
    this.#socket = null;
    this.#settleConnect = null;
    socket?.leave();
    this.#stopWatching();
    this.#view?.close();
    this.#view = null;
    this.#slots.clear();
    this.#media.stop();
    this.audio.close();
    this.localParticipant.stopAll();
    this.#roster.update({ ...EMPTY_ROOM, room: this.#roster.state.room });
    this.presence.clear();
    this.#setState('disconnected');
    settle?.(error ?? knownError('aborted'));
    if (wasInside) this.#port.emit('disconnected', reason, error);
  }

  #handleSession(event: SessionEvent): void {
    switch (event.kind) {
      case 'joined':
        this.#handleJoined(event.message, event.isAgain);
        break;
      case 'resumed':
        this.#handleResumed(event.message);
        break;
      case 'reconnecting':
        this.#setState('reconnecting');
        this.#port.emit('reconnecting');
        break;
      case 'message':
        this.#handleMessage(event.message);
        break;
      case 'pong':
        this.roundTripMs = event.roundTripMs;
        this.clockOffsetMs = event.serverTime + event.roundTripMs / 2 - Date.now();
        break;
      case 'ended':
        this.close(event.reason, toEndError(event));
        break;
    }
  }

  #handleJoined(joined: Joined, isAgain: boolean): void {
    this.#joined = joined;
    this.clockOffsetMs = joined.serverTime - Date.now();
    this.localParticipant.setInfo(joined.participant);
    if (!isAgain) this.#startWatching();
    this.#roster.update(fromSnapshot(joined));
    this.#view?.reset();
    this.#startMedia();
    this.#setState('connected');
    this.#port.emit(isAgain ? 'reconnected' : 'connected');
    this.#settleConnect?.(null);
    this.#settleConnect = null;
  }

  #startWatching(): void {
    this.#view = new ViewObserver(
      {
        publications: () => this.#roster.remotePublications(),
        setView: (view) => this.#socket?.setView(view),
      },
      this.#options.adaptiveStream ?? true,
    );
    this.#stopWatching = watchNetwork({
      onNetwork: () => {
        this.#socket?.handleNetworkChange();
        this.#media.restartIce();
      },
      onDevices: () => this.#port.emit('devicesChanged'),
    });
  }

  /** A new connection for media, also after the server lost the old one; what is published goes on. */
  #startMedia(): void {
    if (!this.#joined?.room) return;
    this.#slots.clear();
    this.#media
      .start(this.#joined)
      .then(() => {
        this.#workerWaits = 0;
        return this.localParticipant.republish();
      })
      .catch((error: unknown) =>
        this.#handleMediaFailure(asSwitchyardError(error, 'mediaBlocked')),
      );
  }

  #handleResumed({ snapshot }: Resumed): void {
    if (snapshot) {
      this.#roster.update(fromSnapshot(snapshot));
      this.#slots.apply(snapshot.slots, true);
    }
    this.#setState('connected');
    this.#port.emit('reconnected');
  }

  #handleMessage(message: RoomMessage): void {
    switch (message.kind) {
      case 'slotsChanged':
        this.#slots.apply(message.slots, false);
        break;
      case 'message':
        this.#handleText(message);
        break;
      case 'callUpdated':
        this.calls.handle(message.call, message.token);
        break;
      case 'mediaLost':
        this.#startMedia();
        break;
      case 'iceRestartWanted':
        this.#media.restartIce();
        break;
      case 'activeSpeakers':
        this.presence.handleSpeakers(message);
        break;
      case 'qualityChanged':
        this.presence.handleQuality(message);
        break;
      default:
        this.#roster.update(reduceRoom(this.#roster.state, message), message);
    }
  }

  #handleText(message: Extract<RoomMessage, { kind: 'message' }>): void {
    this.#port.emit('message', message);
    if (message.topic !== CHAT_TOPIC) return;
    const { messageId: id, from, text, sentAt, direct: isPrivate } = message;
    const isOwn = from.identity === this.localParticipant.identity;
    const chat: ChatMessage = { id, from, text, sentAt, isPrivate, isOwn };
    this.#port.addChat(chat);
  }

  /** A broken socket interrupts an offer too: coming back repeats it, so that is no failure. */
  #handleMediaFailure(error: SwitchyardError): void {
    if (error.code === 'interrupted' || this.state === 'disconnected') return;
    if (error.code === 'noMediaWorker' && this.#workerWaits++ < MAX_WORKER_WAITS) {
      setTimeout(() => {
        if (this.state !== 'disconnected') this.#startMedia();
      }, WORKER_WAIT_MS);
      return;
    }
    this.#port.emit('mediaFailed', error);
  }

  #setState(state: RoomConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.#port.emit('stateChanged', state);
  }
}
