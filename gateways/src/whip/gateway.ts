import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock } from '@switchyard/control/api';
import type { Admission, IceServer } from '@switchyard/control/rooms';
import { err, ok, type Random, type Result } from '@switchyard/core/base';
import { FRAGMENT_TYPE, parseFragment, printFragment } from '@switchyard/core/sdp';
import type { Context } from 'hono';
import { AttemptLimiter } from './attempt-limiter.ts';
import {
  acceptsSdp,
  bearerToken,
  entityTags,
  iceServerLinks,
  mediaType,
  PREFLIGHT,
} from './http.ts';
import type { WhipRooms } from './port.ts';
import { type Problem, problemResponse, sdpProblem } from './problem.ts';
import {
  ANSWER_FIRST,
  ANSWERED,
  ENDED,
  FULL,
  forbidden,
  methodNotAllowed,
  NO_PRECONDITION,
  NO_SESSION,
  NOT_ACCEPTABLE,
  NOT_LIVE,
  STALE,
  TOO_MANY,
  unauthorized,
  unsupportedType,
} from './refusals.ts';
import { type SessionKind, WhipSession } from './session.ts';

const SDP_TYPE = 'application/sdp';

/** Players may have a counter-offer to answer. */
const PATCH_TYPES: Readonly<Record<SessionKind, string>> = {
  whip: FRAGMENT_TYPE,
  whep: `${FRAGMENT_TYPE}, ${SDP_TYPE}`,
};

/** 192 bits: who knows a session's URL still needs its token. */
const ID_BYTES = 24;

const RANDOM: Random = { fill: (out) => void randomFillSync(out) };

export interface WhipOptions {
  readonly rooms: WhipRooms;
  readonly clock: Clock;
  /** Checks a bearer token; an error says in a sentence why it is refused. */
  verify(
    token: string,
  ): Promise<Result<Admission, { readonly code: string; readonly detail: string }>>;
  /** Told of what is thrown, which is a bug of ours; the client gets 500. */
  onFault?(error: Error): void;
  /** STUN and TURN servers, told to who asks by OPTIONS with a token; those of a session come with it. Default none. */
  iceServers?(identity: string): readonly IceServer[];
  /** Sessions at once, encoders and players together. Default 1000. */
  readonly maxSessions?: number;
  /** Let players in before anybody publishes, instead of 409. Default false: players then retry. */
  readonly waitForPublisher?: boolean;
}

/** The sessions of this process and what requests do with them. */
export class Gateway {
  readonly #options: WhipOptions;
  readonly #sessions = new Map<string, WhipSession>();
  readonly #attempts = new AttemptLimiter();
  /** Sessions being set up count as well. */
  #starting = 0;

  constructor(options: WhipOptions) {
    this.#options = options;
  }

  async onEndpoint(
    c: Context,
    kind: SessionKind,
    room: string,
    identity: string | null,
  ): Promise<Response> {
    const allow = kind === 'whep' ? 'POST, HEAD, OPTIONS' : 'POST, OPTIONS';
    switch (c.req.method) {
      case 'POST':
        return this.#create(c, kind, room, identity);
      case 'OPTIONS':
        return this.#describeEndpoint(c, allow);
      case 'HEAD':
        if (kind === 'whep') return c.body(null, 200, { 'content-type': SDP_TYPE, allow });
        return problemResponse(methodNotAllowed(allow));
      default:
        return problemResponse(methodNotAllowed(allow));
    }
  }

  async onSession(c: Context, kind: SessionKind, id: string): Promise<Response> {
    const allow = 'PATCH, DELETE, OPTIONS';
    const { method } = c.req;
    if (method === 'OPTIONS')
      return c.body(null, 204, { ...PREFLIGHT, allow, 'accept-patch': PATCH_TYPES[kind] });
    if (method !== 'PATCH' && method !== 'DELETE') return problemResponse(methodNotAllowed(allow));
    const admission = await this.#authenticate(c);
    if (!admission.ok) return problemResponse(admission.error);
    const session = this.#sessions.get(id);
    if (session === undefined || session.kind !== kind) return problemResponse(NO_SESSION);
    const { identity, room } = admission.value;
    if (session.identity !== identity || session.room !== room)
      return problemResponse(forbidden('The token is not the one of this session.'));
    if (method === 'PATCH') return this.#patch(c, session);
    this.#sessions.delete(id);
    session.close();
    return c.body(null, 200);
  }

  /** RFC 9725 §4.6: with a token it tells the ICE servers too, since their credentials are not for everybody. */
  async #describeEndpoint(c: Context, allow: string): Promise<Response> {
    const response = c.body(null, 204, { ...PREFLIGHT, allow, 'accept-post': SDP_TYPE });
    const { iceServers } = this.#options;
    if (iceServers === undefined || c.req.header('authorization') === undefined) return response;
    const admission = await this.#authenticate(c);
    if (admission.ok) addLinks(response, iceServers(admission.value.identity));
    return response;
  }

  async #create(
    c: Context,
    kind: SessionKind,
    room: string,
    identity: string | null,
  ): Promise<Response> {
    const admission = await this.#authenticate(c);
    if (!admission.ok) return problemResponse(admission.error);
    const refusal = this.#refuse(c, kind, room, identity, admission.value);
    if (refusal !== null) return problemResponse(refusal);
    const sdp = await c.req.text();
    if (sdp !== '' && mediaType(c.req.header('content-type')) !== SDP_TYPE)
      return problemResponse(unsupportedType(SDP_TYPE, 'accept-post'));
    this.#starting++;
    try {
      return await this.#start(c, kind, identity, sdp, admission.value);
    } finally {
      this.#starting--;
    }
  }

  async #start(
    c: Context,
    kind: SessionKind,
    identity: string | null,
    sdp: string,
    admission: Admission,
  ): Promise<Response> {
    const { rooms, clock } = this.#options;
    const id = randomBytes(ID_BYTES).toString('base64url');
    let ended = false;
    const started = await WhipSession.start(
      { kind, sdp, admission, identity, userAgent: c.req.header('user-agent') ?? '' },
      {
        rooms,
        clock,
        random: RANDOM,
        onEnd: () => {
          ended = true;
          this.#sessions.delete(id);
        },
      },
    );
    if (!started.ok) return problemResponse(started.error);
    const session = started.value;
    if (ended) return problemResponse(ENDED);
    this.#sessions.set(id, session);
    // 406: the offer could not be used, so the body is one of ours (draft-ietf-wish-whep-03 §4.2).
    const response = c.body(session.description, session.awaitsAnswer ? 406 : 201, {
      'content-type': SDP_TYPE,
      location: `/${kind}/sessions/${id}`,
      etag: session.etag,
      'accept-patch': PATCH_TYPES[kind],
    });
    addLinks(response, session.iceServers);
    return response;
  }

  /** What speaks against a new session before its offer was read; null when nothing does. */
  #refuse(
    c: Context,
    kind: SessionKind,
    room: string,
    identity: string | null,
    admission: Admission,
  ): Problem | null {
    const { clock, rooms, maxSessions = 1000, waitForPublisher = false } = this.#options;
    if (admission.room !== room) return forbidden(`The token is not for the room "${room}".`);
    const { canPublish, canSubscribe } = admission.permissions;
    if (kind === 'whip' ? !canPublish : !canSubscribe)
      return forbidden(
        `The token does not permit to ${kind === 'whip' ? 'publish' : 'subscribe'}.`,
      );
    const type = mediaType(c.req.header('content-type'));
    // A player that wants our offer sends nothing, and so has no type to tell.
    if (type !== SDP_TYPE && !(kind === 'whep' && type === ''))
      return unsupportedType(SDP_TYPE, 'accept-post');
    if (!acceptsSdp(c.req.header('accept'))) return NOT_ACCEPTABLE;
    const caller = `${room}\n${admission.identity}${kind === 'whep' ? `\n${addressOf(c)}` : ''}`;
    if (!this.#attempts.take(clock.now(), caller)) return TOO_MANY;
    if (this.#sessions.size + this.#starting >= maxSessions) return FULL;
    if (kind === 'whip' || waitForPublisher) return null;
    const isLive = rooms
      .participants(room)
      .some((one) => one.tracks.length > 0 && (identity === null || one.identity === identity));
    return isLive ? null : NOT_LIVE;
  }

  /** Trickle (accepted and not needed: we are lite) or ICE restart. RFC 9725 §4.3. */
  async #patch(c: Context, session: WhipSession): Promise<Response> {
    const type = mediaType(c.req.header('content-type'));
    if (session.kind === 'whep' && type === SDP_TYPE) return this.#takeAnswer(c, session);
    if (type !== FRAGMENT_TYPE)
      return problemResponse(unsupportedType(PATCH_TYPES[session.kind], 'accept-patch'));
    if (session.awaitsAnswer) return problemResponse(ANSWER_FIRST);
    const ifMatch = c.req.header('if-match');
    if (ifMatch === undefined) return problemResponse(NO_PRECONDITION);
    const fragment = parseFragment(await c.req.text());
    if (!fragment.ok) return problemResponse({ ...sdpProblem(fragment.error), status: 400 });
    const { ice } = fragment.value;
    const tags = entityTags(ifMatch);
    const isNew = ice !== null && ice.ufrag !== session.remoteUfrag;
    if (!isNew && (tags.includes('*') || tags.includes(session.etag))) return c.body(null, 204);
    if (!isNew || !tags.includes('*')) return problemResponse(STALE);
    const local = session.restartIce(ice);
    if (local === null) return problemResponse(NO_SESSION);
    return c.body(printFragment(local), 200, {
      'content-type': FRAGMENT_TYPE,
      etag: session.etag,
    });
  }

  /** The player's answer to our counter-offer. */
  async #takeAnswer(c: Context, session: WhipSession): Promise<Response> {
    if (!session.awaitsAnswer) return problemResponse(ANSWERED);
    const tags = entityTags(c.req.header('if-match') ?? '*');
    if (!tags.includes('*') && !tags.includes(session.etag)) return problemResponse(STALE);
    const taken = await session.takeAnswer(await c.req.text());
    return taken.ok ? c.body(null, 204) : problemResponse(taken.error);
  }

  async #authenticate(c: Context): Promise<Result<Admission, Problem>> {
    const token = bearerToken(c.req.header('authorization'));
    if (token === null) return err(unauthorized('No bearer token was sent.', ''));
    const admission = await this.#options.verify(token);
    if (!admission.ok)
      return err(
        unauthorized(`The token was refused: ${admission.error.detail}.`, 'invalid_token'),
      );
    return ok(admission.value);
  }
}

function addLinks(response: Response, servers: readonly IceServer[]): void {
  for (const link of iceServerLinks(servers)) response.headers.append('link', link);
}

/** Where the request came from; empty when the server in front did not tell. */
function addressOf({ env }: Context): string {
  const environment: unknown = env;
  const hasAddress =
    typeof environment === 'object' && environment !== null && 'remoteAddress' in environment;
  return hasAddress ? String(environment.remoteAddress) : '';
}
