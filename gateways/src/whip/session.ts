import type { Clock } from '@switchyard/control/api';
import type { Admission, IceServer } from '@switchyard/control/rooms';
import { after, err, ok, type Random, type Result, randomIceChars } from '@switchyard/core/base';
import { type IceFragment, parseFragment } from '@switchyard/core/sdp';
import type { ServerMessage, SignalError } from '@switchyard/core/signal';
import { Follower } from './follower.ts';
import { checkAnswer, type Pair, readWhepOffer, readWhipOffer, type Sender } from './offers.ts';
import type { WhipRooms } from './port.ts';
import { type Problem, roomProblem } from './problem.ts';
import { NO_OFFER } from './refusals.ts';
import { RoomClient } from './room-client.ts';

export type SessionKind = 'whip' | 'whep';

export interface StartRequest {
  readonly kind: SessionKind;
  /** Empty: the player wants to answer instead. */
  readonly sdp: string;
  readonly admission: Admission;
  /** WHEP: whom to show; null for whoever speaks. */
  readonly identity: string | null;
  readonly userAgent: string;
}

export interface SessionPorts {
  readonly rooms: WhipRooms;
  readonly clock: Clock;
  readonly random: Random;
  /** Once, when the session ended by itself: the room ended it, or a counter-offer was not answered. */
  readonly onEnd: () => void;
}

/** A counter-offer is valid so long, ms. */
const ANSWER_TIMEOUT_MS = 30_000;

/** A player's identity gets a suffix of so many characters. */
const SUFFIX_LENGTH = 8;
const LONGEST_IDENTITY = 128;

/** An encoder or a player in a room, from its offer to its end. */
export class WhipSession {
  readonly kind: SessionKind;
  /** Whose token opened it: only he may change or end it. */
  readonly identity: string;
  readonly room: string | null;
  #description = '';
  #iceServers: readonly IceServer[] = [];
  /** ICE part of what we sent last, and the peer's credentials that it belongs to. */
  #local: IceFragment = { ice: null, lite: true, bundle: [], media: [] };
  #remoteUfrag = '';
  #generation = 1;
  #follower: Follower | null = null;
  /** Cancels the end of a counter-offer that nobody answered yet; null: nothing was counter-offered, or it was answered. */
  #cancelTimeout: (() => void) | null = null;
  readonly #client: RoomClient;
  readonly #ports: SessionPorts;

  private constructor({ kind, admission }: StartRequest, ports: SessionPorts) {
    this.kind = kind;
    this.identity = admission.identity;
    this.room = admission.room;
    this.#ports = ports;
    this.#client = new RoomClient(ports.rooms, ports.clock, {
      onMessage: (message) => {
        // An encoder cannot be told to start anew; closing makes it notice and come back.
        if (message.kind === 'mediaLost') this.#endByItself();
        else this.#follow(message);
      },
      onEnd: () => {
        this.#cancelTimeout?.();
        ports.onEnd();
      },
    });
  }

  /**
   * Joins, negotiates and publishes, or follows. A player whose offer cannot be used gets one of ours
   * (draft-ietf-wish-whep-03 §4.2). When any of it fails nothing is left in the room.
   */
  static async start(
    request: StartRequest,
    ports: SessionPorts,
  ): Promise<Result<WhipSession, Problem>> {
    const answered = await WhipSession.#answer(request, ports);
    const mayCounter = request.kind === 'whep' && !answered.ok && answered.error.status === 422;
    if (!mayCounter) return answered;
    const session = new WhipSession(request, ports);
    const offered = await session.#counterOffer(request);
    if (offered.ok) return ok(session);
    session.close();
    return err(roomProblem(offered.error));
  }

  static async #answer(
    request: StartRequest,
    ports: SessionPorts,
  ): Promise<Result<WhipSession, Problem>> {
    if (request.sdp === '') return err(NO_OFFER);
    const read = request.kind === 'whip' ? readWhipOffer(request.sdp) : readWhepOffer(request.sdp);
    if (!read.ok) return read;
    const { offer } = read.value;
    const senders = 'senders' in read.value ? read.value.senders : [];
    const pairs = 'pairs' in read.value ? read.value.pairs : [];
    const session = new WhipSession(request, ports);
    const set = await session.#setUp(request, senders, pairs);
    const checked = set.ok ? checkAnswer(offer, session.description) : err(roomProblem(set.error));
    if (!checked.ok) {
      session.close();
      return checked;
    }
    session.#remoteUfrag = offer.ice.ufrag;
    return ok(session);
  }

  /** Our answer, or our counter-offer. */
  get description(): string {
    return this.#description;
  }

  /** The player is to answer our counter-offer. */
  get awaitsAnswer(): boolean {
    return this.#cancelTimeout !== null;
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

  /** Takes the player's answer to the counter-offer; another may follow when it is refused. */
  async takeAnswer(sdp: string): Promise<Result<void, Problem>> {
    const answer = readWhepOffer(sdp);
    if (!answer.ok) return answer;
    const taken = await this.#offer(sdp, false, [], [{ audio: '0', video: '1' }]);
    if (!taken.ok) return err(roomProblem(taken.error));
    this.#cancelTimeout?.();
    this.#cancelTimeout = null;
    this.#remoteUfrag = answer.value.offer.ice.ufrag;
    this.#showView();
    return ok(undefined);
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
    this.#cancelTimeout?.();
    this.#client.close();
  }

  #endByItself(): void {
    this.close();
    this.#ports.onEnd();
  }

  async #setUp(
    request: StartRequest,
    senders: readonly Sender[],
    pairs: readonly Pair[],
  ): Promise<Result<unknown, SignalError>> {
    const { sdp } = request;
    const joined = await this.#join(request, {
      audio: sdp.match(/^m=audio/gm)?.length ?? 0,
      video: sdp.match(/^m=video/gm)?.length ?? 0,
    });
    if (!joined.ok) return joined;
    const answer = await this.#offer(sdp, true, senders, pairs);
    if (!answer.ok) return answer;
    this.#setDescription(answer.value);
    this.#showView();
    return this.#publish(senders);
  }

  async #counterOffer(request: StartRequest): Promise<Result<unknown, SignalError>> {
    const joined = await this.#join(request, { audio: 1, video: 1 });
    if (!joined.ok) return joined;
    const offer = this.#client.prepareOffer();
    if (!offer.ok) return offer;
    this.#setDescription(offer.value);
    const { clock } = this.#ports;
    this.#cancelTimeout = clock.schedule(after(clock.now(), ANSWER_TIMEOUT_MS), () =>
      this.#endByItself(),
    );
    return ok(undefined);
  }

  async #join(
    { kind, admission, identity, userAgent }: StartRequest,
    slots: { readonly audio: number; readonly video: number },
  ): Promise<Result<unknown, SignalError>> {
    this.#client.open(kind === 'whep' ? this.#asPlayer(admission) : admission, kind);
    const joined = await this.#client.request('joined', (id) => ({
      kind: 'join',
      id,
      // The session was opened with what the token says.
      token: '',
      client: { sdk: kind, version: '1', userAgent: userAgent.slice(0, 256) },
      autoSubscribe: false,
    }));
    if (!joined.ok) return joined;
    const { iceServers, participant, participants } = joined.value;
    this.#iceServers = iceServers.map(asIceServer);
    if (kind === 'whep')
      this.#follower = new Follower({ identity, ownSid: participant.sid, participants, slots });
    return ok(undefined);
  }

  /** One token may be in many players' hands: each is a participant of its own, which nobody sees. */
  #asPlayer(admission: Admission): Admission {
    const identity = admission.identity.slice(0, LONGEST_IDENTITY - 1 - SUFFIX_LENGTH);
    return {
      ...admission,
      identity: `${identity}~${randomIceChars(this.#ports.random, SUFFIX_LENGTH)}`,
    };
  }

  async #offer(
    sdp: string,
    fresh: boolean,
    senders: readonly Sender[],
    pairs: readonly Pair[],
  ): Promise<Result<string, SignalError>> {
    const answer = await this.#client.request('answer', (id) => ({
      kind: 'offer',
      id,
      sdp,
      fresh,
      senders: senders.map(({ mid, source }) => ({ mid, source })),
      pairs: pairs.map(({ audio, video }) => ({ audio, video })),
    }));
    return answer.ok ? ok(answer.value.sdp) : answer;
  }

  #setDescription(sdp: string): void {
    const local = parseFragment(sdp);
    if (!local.ok) throw new Error(`our own description is malformed: ${local.error.code}`);
    this.#description = sdp;
    this.#local = iceOnly(local.value);
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
    if (this.#follower?.handle(this.#ports.clock.now(), message)) this.#showView();
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
