import type { Clock } from '@switchyard/control/api';
import type { Admission, IceServer } from '@switchyard/control/rooms';
import { err, ok, type Result } from '@switchyard/core/base';
import { type IceFragment, parseFragment } from '@switchyard/core/sdp';
import type { ServerMessage, SignalError } from '@switchyard/core/signal';
import { Follower } from './follower.ts';
import { checkAnswer, type Pair, readWhepOffer, readWhipOffer, type Sender } from './offers.ts';
import type { WhipRooms } from './port.ts';
import { type Problem, roomProblem } from './problem.ts';
import { RoomClient } from './room-client.ts';

export type SessionKind = 'whip' | 'whep';

export interface StartRequest {
  readonly kind: SessionKind;
  readonly sdp: string;
  readonly admission: Admission;
  /** WHEP: whom to show; null for whoever speaks. */
  readonly identity: string | null;
  readonly userAgent: string;
}

export interface SessionPorts {
  readonly rooms: WhipRooms;
  readonly clock: Clock;
  /** Once, when the room ended the session. */
  readonly onEnd: () => void;
}

/** An encoder or a player in a room, from its offer to its end. */
export class WhipSession {
  readonly kind: SessionKind;
  /** Whose token opened it: only he may change or end it. */
  readonly identity: string;
  readonly room: string | null;
  #answer = '';
  #iceServers: readonly IceServer[] = [];
  /** ICE part of what we answered last, and the peer's credentials that it belongs to. */
  #local: IceFragment = { ice: null, lite: true, bundle: [], media: [] };
  #remoteUfrag = '';
  #generation = 1;
  #follower: Follower | null = null;
  readonly #client: RoomClient;
  readonly #clock: Clock;

  private constructor({ kind, admission }: StartRequest, ports: SessionPorts) {
    this.kind = kind;
    this.identity = admission.identity;
    this.room = admission.room;
    this.#clock = ports.clock;
    this.#client = new RoomClient(ports.rooms, ports.clock, {
      onMessage: (message) => {
        // An encoder cannot be told to start anew; closing makes it notice and come back.
        if (message.kind === 'mediaLost') {
          this.close();
          ports.onEnd();
        } else this.#follow(message);
      },
      onEnd: ports.onEnd,
    });
  }

  /** Joins, negotiates and publishes, or follows. When any of it fails nothing is left in the room. */
  static async start(
    request: StartRequest,
    ports: SessionPorts,
  ): Promise<Result<WhipSession, Problem>> {
    const read = request.kind === 'whip' ? readWhipOffer(request.sdp) : readWhepOffer(request.sdp);
    if (!read.ok) return read;
    const { offer } = read.value;
    const senders = 'senders' in read.value ? read.value.senders : [];
    const pairs = 'pairs' in read.value ? read.value.pairs : [];
    const session = new WhipSession(request, ports);
    const set = await session.#setUp(request, senders, pairs);
    const checked = set.ok ? checkAnswer(offer, session.#answer) : err(roomProblem(set.error));
    if (!checked.ok) {
      session.close();
      return checked;
    }
    session.#remoteUfrag = offer.ice.ufrag;
    return ok(session);
  }

  get answer(): string {
    return this.#answer;
  }

  get iceServers(): readonly IceServer[] {
    return this.#iceServers;
  }

  /** Strong entity tag of the present ICE session (RFC 9725 §4.3.1). */
  get etag(): string {
    return `"${this.#generation}"`;
  }

  /** Ufrag of the peer in the present ICE session. */
  get remoteUfrag(): string {
    return this.#remoteUfrag;
  }

  /** Takes new credentials of the peer; returns the fragment that tells ours. null without media. */
  restartIce(remote: { readonly ufrag: string; readonly pwd: string }): IceFragment | null {
    const ice = this.#client.restartIce(remote);
    if (ice === null) return null;
    this.#remoteUfrag = remote.ufrag;
    this.#generation++;
    this.#local = { ...this.#local, ice };
    return this.#local;
  }

  close(): void {
    this.#client.close();
  }

  async #setUp(
    { kind, admission, identity, sdp, userAgent }: StartRequest,
    senders: readonly Sender[],
    pairs: readonly Pair[],
  ): Promise<Result<unknown, SignalError>> {
    const client = this.#client;
    client.open(admission, kind);
    const joined = await client.request('joined', (id) => ({
      kind: 'join',
      id,
      // The session was opened with what the token says.
      token: '',
      client: { sdk: kind, version: '1', userAgent: userAgent.slice(0, 256) },
      autoSubscribe: false,
    }));
    if (!joined.ok) return joined;
    this.#iceServers = joined.value.iceServers.map(asIceServer);
    if (kind === 'whep')
      this.#follower = new Follower({
        identity,
        ownSid: joined.value.participant.sid,
        participants: joined.value.participants,
        slots: {
          audio: sdp.match(/^m=audio/gm)?.length ?? 0,
          video: sdp.match(/^m=video/gm)?.length ?? 0,
        },
      });
    const answer = await client.request('answer', (id) => ({
      kind: 'offer',
      id,
      sdp,
      fresh: true,
      senders: senders.map(({ mid, source }) => ({ mid, source })),
      pairs: pairs.map(({ audio, video }) => ({ audio, video })),
    }));
    if (!answer.ok) return answer;
    this.#answer = answer.value.sdp;
    const local = parseFragment(answer.value.sdp);
    if (!local.ok) throw new Error(`our own answer is malformed: ${local.error.code}`);
    this.#local = iceOnly(local.value);
    this.#showView();
    return this.#publish(senders);
  }

  async #publish(senders: readonly Sender[]): Promise<Result<unknown, SignalError>> {
    for (const { mid, source, rids } of senders) {
      const reply = await this.#client.request('reply', (id) => ({
        kind: 'publish',
        id,
        mid,
        source,
        muted: false,
        layers: rids.slice(0, 4).map((rid) => ({ rid })),
      }));
      if (!reply.ok) return reply;
    }
    return ok(undefined);
  }

  #follow(message: ServerMessage): void {
    if (this.#follower?.handle(this.#clock.now(), message)) this.#showView();
  }

  #showView(): void {
    const view = this.#follower?.nextView() ?? null;
    if (view !== null) this.#client.tell(view);
  }
}

/** Candidates of the tag stand for all; the other m-lines add nothing to a restart. */
const iceOnly = (fragment: IceFragment): IceFragment => ({
  ...fragment,
  media: fragment.media.slice(0, 1),
});

/** Leaves out members that are undefined. */
const asIceServer = (server: {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}): IceServer => ({
  urls: server.urls,
  ...(server.username === undefined ? {} : { username: server.username }),
  ...(server.credential === undefined ? {} : { credential: server.credential }),
});
