import { knownError, SwitchyardError } from './errors.ts';
import type { RemoteParticipant } from './participant.ts';
import { Room } from './room.ts';

export interface JoinOptions {
  /** Shown to others. */
  name?: string;
  /** Default false. */
  camera?: boolean;
  /** Default false. */
  mic?: boolean;
  /** Default: the server that this page came from. */
  server?: string;
  /** Default: asked of a server in development mode. */
  token?: string;
}

export interface Peer {
  readonly id: string;
  readonly name: string;
}

/** A topic of the page's own. Values travel as JSON. */
export interface Action<Value> {
  send(value: Value, options?: { to?: readonly string[] }): Promise<unknown>;
  onMessage: ((value: Value, peer: Peer) => void) | null;
}

/** A room in five lines. `room` is the full one behind, for whatever comes later. */
export class SimpleRoom {
  readonly room: Room;
  onLeave: ((peer: Peer) => void) | null = null;
  #onStream: ((stream: MediaStream, peer: Peer) => void) | null = null;
  readonly #streams = new Map<string, { readonly stream: MediaStream; readonly peer: Peer }>();

  constructor(room: Room) {
    this.room = room;
    room.on('trackPublished', (publication, participant) => {
      // Pictures stand in no element that the SDK knows: attach one of its own, so that they are sent.
      if (publication.kind === 'video') publication.track.attach();
      publication.track.on('replaced', () => this.#refresh(participant));
    });
    room.on('trackUnpublished', (_publication, participant) => this.#refresh(participant));
    room.on('participantLeft', (participant) => {
      this.#streams.delete(participant.sid);
      this.onLeave?.(toPeer(participant));
    });
  }

  /**
   * Called with each person's stream when its first track comes; more tracks join the same stream. The
   * streams that came before it was set, while `join` was waiting, are told at once.
   */
  get onStream(): ((stream: MediaStream, peer: Peer) => void) | null {
    return this.#onStream;
  }

  set onStream(listener: ((stream: MediaStream, peer: Peer) => void) | null) {
    this.#onStream = listener;
    for (const { stream, peer } of this.#streams.values()) listener?.(stream, peer);
  }

  /** Messages of the page's own, by topic. */
  action<Value>(topic: string): Action<Value> {
    const action: Action<Value> = {
      onMessage: null,
      send: (value, options) => this.room.sendMessage(topic, JSON.stringify(value), options),
    };
    this.room.on('message', ({ topic: heard, text, from }) => {
      if (heard !== topic || from.identity === this.room.localParticipant.identity) return;
      const value = parse<Value>(text);
      if (value) action.onMessage?.(value.value, { id: from.identity, name: from.name });
    });
    return action;
  }

  leave(): Promise<void> {
    return this.room.disconnect();
  }

  /** Brings somebody's stream to the tracks that come from him now. */
  #refresh(participant: RemoteParticipant): void {
    const known = this.#streams.get(participant.sid);
    const stream = known?.stream ?? new MediaStream();
    const wanted = new Set<MediaStreamTrack>();
    for (const { track, kind } of participant.trackPublications.values()) {
      // Sound is played by the room; a page that put it into an element would hear it twice.
      if (kind === 'video' && track.mediaStreamTrack) wanted.add(track.mediaStreamTrack);
    }
    for (const track of stream.getTracks()) if (!wanted.has(track)) stream.removeTrack(track);
    for (const track of wanted) stream.addTrack(track);
    if (known) return;
    const peer = toPeer(participant);
    this.#streams.set(participant.sid, { stream, peer });
    this.#onStream?.(stream, peer);
  }
}

/** Joins a room by its name. Rejects with a `SwitchyardError`. */
export async function join(roomName: string, options: JoinOptions = {}): Promise<SimpleRoom> {
  const server = options.server ?? globalThis.location.origin;
  const token = options.token ?? (await fetchDevelopmentToken(server, roomName, options.name));
  // Streams of this kind are shown by the page itself, at a size that the SDK cannot see.
  const room = new Room({
    adaptiveStream: false,
    ...(options.name ? { name: options.name } : {}),
  });
  const simple = new SimpleRoom(room);
  await room.connect(server, token);
  if (options.mic) await room.localParticipant.setMicrophoneEnabled(true);
  if (options.camera) await room.localParticipant.setCameraEnabled(true);
  return simple;
}

/** Only servers in development mode give tokens to anybody. */
async function fetchDevelopmentToken(
  server: string,
  room: string,
  name: string | undefined,
): Promise<string> {
  let response: Response;
  try {
    response = await fetch(new URL('/api/v1/dev/token', server), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ room, ...(name ? { name } : {}) }),
    });
  } catch (error) {
    throw knownError('serverUnreachable', error);
  }
  const body: unknown = await response.json().catch(() => null);
  const token = typeof body === 'object' && body !== null ? Reflect.get(body, 'token') : undefined;
  if (response.ok && typeof token === 'string') return token;
  throw new SwitchyardError('noDevelopmentToken', {
    message: 'This server gives no tokens by itself.',
    fix: 'Make a token on your server and pass it as `token`.',
    isRetryable: false,
  });
}

function toPeer(participant: RemoteParticipant): Peer {
  return { id: participant.identity, name: participant.name };
}

function parse<Value>(text: string): { value: Value } | null {
  try {
    return { value: JSON.parse(text) as Value }; // the page's own format: only it can check that
  } catch {
    return null;
  }
}
