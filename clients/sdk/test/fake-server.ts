import type { ParticipantInfo } from '@switchyard/core/signal';
import { participantInfo, roomInfo, trackInfo } from './entries.ts';
import { FakeSocket } from './fake-browser.ts';

type Message = Record<string, unknown>;

/** Answers what every client asks; a test adds events by `tell`. */
export class FakeServer {
  readonly participants: ParticipantInfo[] = [];
  /** Everything that came, of all sockets. */
  readonly received: Message[] = [];
  /** The next resume is refused, as after a restart. */
  refusesResume = false;
  /** Error code for the next joins. */
  joinError: string | null = null;
  /** Called soon after an answer, as messages follow each other on a socket. */
  onAnswered: () => void = () => undefined;
  #socket: FakeSocket | null = null;
  #seq = 0;
  #trackCount = 0;
  #mids = new Map<string, string>();

  constructor() {
    FakeSocket.onCreate = (socket) => {
      this.#socket = socket;
      socket.onSent = (message) => {
        this.received.push(message);
        this.#answer(socket, message);
      };
      socket.open();
    };
  }

  get socket(): FakeSocket {
    if (!this.#socket) throw new Error('nobody has connected yet');
    return this.#socket;
  }

  ofKind(kind: string): Message[] {
    return this.received.filter((message) => message['kind'] === kind);
  }

  /** Tells an event with the next sequence number. */
  tell(event: object): void {
    this.socket.receive({ ...event, seq: ++this.#seq });
  }

  /** Counts an event that the client does not get. */
  miss(): void {
    this.#seq++;
  }

  send(message: object): void {
    this.socket.receive(message);
  }

  #answer(socket: FakeSocket, message: Message): void {
    const { id } = message;
    switch (message['kind']) {
      case 'join':
        if (this.joinError) socket.receive(failure(id, this.joinError));
        else socket.receive(this.#joined(id));
        break;
      case 'resume':
        if (this.refusesResume) socket.receive(failure(id, 'resumeRefused'));
        else socket.receive({ kind: 'resumed', id, complete: true, seq: this.#seq });
        break;
      case 'offer':
        if (message['fresh']) this.#mids.clear();
        socket.receive({ kind: 'answer', id, sdp: 'answer', slots: [] });
        void settle(20).then(() => this.onAnswered());
        break;
      case 'publish':
        this.#publish(socket, message);
        break;
      case 'message':
        socket.receive({ kind: 'reply', id, messageId: `MS_${String(id)}` });
        break;
      case 'ping':
      case 'view':
      case 'leave':
        break;
      default:
        socket.receive({ kind: 'reply', id });
    }
  }

  #publish(socket: FakeSocket, message: Message): void {
    const mid = String(message['mid']);
    if (this.#mids.has(mid)) {
      socket.receive(failure(message['id'], 'midInUse'));
      return;
    }
    const source = message['source'] === 'microphone' ? 'microphone' : 'camera';
    const kind = source === 'microphone' ? 'audio' : 'video';
    const track = trackInfo(`TR_own${++this.#trackCount}`, { kind, source });
    this.#mids.set(mid, track.sid);
    this.tell({ kind: 'trackPublished', participantSid: 'PA_me', track });
    socket.receive({ kind: 'reply', id: message['id'], track });
  }

  #joined(id: unknown): object {
    this.#seq = 0;
    this.#mids.clear();
    return {
      kind: 'joined',
      id,
      room: roomInfo,
      participant: participantInfo('PA_me', { identity: 'me' }),
      participants: this.participants,
      resumeToken: 'r',
      seq: 0,
      iceServers: [],
      slots: { pairs: 1, videoOnly: 1, audioOnly: 0 },
      serverTime: Date.now(),
      pingIntervalMs: 5_000,
      resumeWindowMs: 30_000,
      serverVersion: '0',
    };
  }
}

function failure(id: unknown, code: string): object {
  return { kind: 'error', id, error: { code, message: code, fix: '', retryable: false } };
}

/** Lets everything that is due happen; nothing here waits for a clock. */
export async function settle(turns = 400): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve();
}
