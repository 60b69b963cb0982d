import { ok, type Result, randomIceChars } from '@switchyard/core/base';
import {
  type DtlsFingerprint,
  type IncomingMedia,
  type OutgoingMedia,
  type SlotId,
  type TransportId,
  ufragFor,
  type WorkerId,
} from '@switchyard/core/media-api';
import {
  compareOffers,
  createOffer,
  describeSdpError,
  type LocalSession,
  type Negotiation,
  negotiate,
  parseOffer,
  type SessionOffer,
} from '@switchyard/core/sdp';
import type { ClientMessage, SignalError } from '@switchyard/core/signal';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import type { SlotShape } from './slot-plan.ts';
import type { IcePair } from './surface.ts';

export type OfferMessage = Extract<ClientMessage, { kind: 'offer' }>;

/** A receive slot that the worker has opened. */
export interface SlotPort extends SlotShape {
  readonly mid: string;
  readonly slot: SlotId;
}

/** Long-lived part of a slot: its m-line and what the answers declare for it. */
interface SlotStream {
  readonly mid: string;
  readonly slot: SlotId;
  readonly ssrc: number;
  readonly rtxSsrc: number;
  readonly trackId: string;
}

/** What we offer to peers that do not: one voice with its picture. */
const OFFERED = [
  { mid: '0', kind: 'audio' },
  { mid: '1', kind: 'video' },
] as const;

/** ICE password: 24 characters of 6 bits (RFC 8445 §5.3 wants 128 bits). */
const PASSWORD_LENGTH = 24;

/**
 * The media connection of one participant: turns its offers into answers and into commands for the worker
 * that carries it. Only the client offers; what it offers again is compared with what is open.
 */
export class MediaSession {
  readonly transport: TransportId;
  readonly worker: WorkerId;
  readonly #context: Context;
  readonly #fingerprint: DtlsFingerprint;
  readonly #cname: string;
  readonly #sdpSession: string;
  readonly #ssrcs = new Set<number>();
  readonly #streams = new Map<string, SlotStream>();
  /** Those that our own offer named; empty when the peer offered. */
  readonly #prepared = new Map<string, SlotStream>();
  #version = 0;
  #local: IcePair;
  #remote: IcePair | null = null;
  #offer: SessionOffer | null = null;
  #refused: readonly string[] = [];
  #dtlsRole: 'server' | 'client' | null = null;
  #incoming: ReadonlyMap<string, IncomingMedia> = new Map();
  #ports: readonly SlotPort[] = [];

  private constructor(context: Context, worker: WorkerId, fingerprint: DtlsFingerprint) {
    this.#context = context;
    this.worker = worker;
    this.#fingerprint = fingerprint;
    this.transport = context.ids.transport();
    this.#cname = context.ids.sid('MS');
    this.#sdpSession = context.ids.sdpSession();
    this.#local = this.#newCredentials();
  }

  /** Answers the first offer on a worker. Nothing is opened when it is refused. */
  static open(
    context: Context,
    worker: WorkerId,
    message: OfferMessage,
  ): Result<{ readonly media: MediaSession; readonly sdp: string }, SignalError> {
    const fingerprint = context.workers.fingerprint(worker);
    if (fingerprint === null) return refuse('noMediaWorker');
    const media = new MediaSession(context, worker, fingerprint);
    const answer = media.handleOffer(message);
    if (!answer.ok) return answer;
    context.workers.countOpened(worker);
    return ok({ media, sdp: answer.value });
  }

  /**
   * Offers by ourselves, for peers that only answer (WHEP's counter-offer): one audio and video pair that
   * sends. The peer's answer is then taken like an offer; until it comes the worker knows nothing.
   */
  static prepare(
    context: Context,
    worker: WorkerId,
  ): Result<{ readonly media: MediaSession; readonly sdp: string }, SignalError> {
    const fingerprint = context.workers.fingerprint(worker);
    if (fingerprint === null) return refuse('noMediaWorker');
    const media = new MediaSession(context, worker, fingerprint);
    const [audio, video] = OFFERED;
    const message = { senders: [], pairs: [{ audio: audio.mid, video: video.mid }] };
    const local = media.#localSession(message, media.#local, media.#prepared);
    context.workers.countOpened(worker);
    return ok({ media, sdp: createOffer(OFFERED, local) });
  }

  /** Answers an offer; returns the SDP. Nothing changes when it is refused. */
  handleOffer(message: OfferMessage): Result<string, SignalError> {
    const parsed = parseOffer(message.sdp);
    if (!parsed.ok) return refuse('badOffer', describeSdpError(parsed.error));
    const offer = parsed.value;
    const checked = this.#check(offer, message);
    if (!checked.ok) return checked;
    const remote = { ufrag: offer.ice.ufrag, pwd: offer.ice.pwd };
    const restarts =
      this.#remote !== null &&
      (this.#remote.ufrag !== remote.ufrag || this.#remote.pwd !== remote.pwd);
    const local = restarts ? this.#newCredentials() : this.#local;
    const streams = new Map<string, SlotStream>();
    const negotiated = negotiate(offer, this.#localSession(message, local, streams));
    if (!negotiated.ok) return refuse('badOffer', describeSdpError(negotiated.error));
    this.#apply(offer, message, negotiated.value, local, remote, streams);
    return ok(negotiated.value.sdp);
  }

  /** What the client sends in an m-line; null when it does not send there. */
  incoming(mid: string): IncomingMedia | null {
    return this.#incoming.get(mid) ?? null;
  }

  /** The receive slots in the order of their m-lines. */
  get ports(): readonly SlotPort[] {
    return this.#ports;
  }

  /** New credentials for a client that restarts ICE without SDP (RFC 9725 §4.3.2); null before its first description. */
  restartIce(remote: IcePair): IcePair | null {
    if (this.#offer === null) return null;
    this.#local = this.#newCredentials();
    this.#remote = remote;
    this.#command({ kind: 'restartIce', transport: this.transport, ice: this.#credentials() });
    return this.#local;
  }

  closeSlots(): void {
    for (const { slot } of this.#ports) {
      this.#context.index.slots.delete(slot);
      this.#command({ kind: 'closeSlot', slot });
    }
    this.#ports = [];
    this.#streams.clear();
  }

  /** Closes the transport; its slots and the tracks that it receives are closed before. */
  close(): void {
    if (this.#offer === null) return; // prepared only: the worker was told nothing
    this.#command({ kind: 'closeTransport', transport: this.transport });
  }

  #check(offer: SessionOffer, message: OfferMessage): Result<void, SignalError> {
    if (this.#offer !== null) {
      const change = compareOffers(this.#offer, offer, this.#refused);
      if (!change.ok) return refuse('badOffer', describeSdpError(change.error));
    }
    if (this.#offer === null && this.#prepared.size > 0 && !isAnswer(offer))
      return refuse('badOffer', 'The answer does not have the m-lines of the offer.');
    const byMid = new Map(offer.media.map((media) => [media.mid, media]));
    const senders = new Set(message.senders.map((sender) => sender.mid));
    for (const { mid } of message.senders)
      if (!byMid.has(mid)) return refuse('badOffer', `senders: the offer has no m-line "${mid}".`);
    for (const { audio, video } of message.pairs)
      if (byMid.get(audio)?.kind !== 'audio' || byMid.get(video)?.kind !== 'video')
        return refuse('badOffer', `pairs: "${audio}" and "${video}" are not audio and video.`);
    const slots = offer.media.filter(
      (media) => media.kind !== 'application' && !senders.has(media.mid),
    );
    const limit = this.#context.settings.limits.slotsPerParticipant;
    if (slots.length > limit)
      return refuse('tooManySlots', `The offer has ${slots.length} slots; at most ${limit}.`);
    return ok(undefined);
  }

  #localSession(
    message: Pick<OfferMessage, 'senders' | 'pairs'>,
    local: IcePair,
    streams: Map<string, SlotStream>,
  ): LocalSession {
    const { ids, ports, settings } = this.#context;
    const senders = new Set(message.senders.map((sender) => sender.mid));
    const streamIds = new Map<string, string>();
    for (const { audio, video } of message.pairs) {
      streamIds.set(audio, `pair-${video}`);
      streamIds.set(video, `pair-${video}`);
    }
    return {
      ice: local,
      fingerprint: this.#fingerprint,
      candidates: ports.advertise(this.worker),
      audioCodecs: settings.audioCodecs,
      videoCodecs: settings.videoCodecs,
      sessionId: this.#sdpSession,
      sessionVersion: this.#version + 1,
      outgoing: (mid) => {
        const stream = this.#streams.get(mid) ??
          this.#prepared.get(mid) ?? {
            mid,
            slot: ids.slot(),
            ssrc: ids.ssrc(this.#ssrcs),
            rtxSsrc: ids.ssrc(this.#ssrcs),
            trackId: ids.sid('MS'),
          };
        streams.set(mid, stream);
        const { ssrc, rtxSsrc, trackId } = stream;
        const streamId = streamIds.get(mid) ?? `slot-${mid}`;
        return { ssrc, rtxSsrc, trackId, streamId, cname: this.#cname };
      },
      allow: ({ mid }) => {
        const isSender = senders.has(mid);
        return { receive: isSender, send: !isSender };
      },
      ...(this.#dtlsRole === null ? {} : { dtlsRole: this.#dtlsRole }),
    };
  }

  #apply(
    offer: SessionOffer,
    message: OfferMessage,
    { dtlsRole, incoming, outgoing, refused }: Negotiation,
    local: IcePair,
    remote: IcePair,
    streams: ReadonlyMap<string, SlotStream>,
  ): void {
    const isFirst = this.#offer === null;
    const restarts = local !== this.#local;
    this.#local = local;
    this.#remote = remote;
    this.#dtlsRole = dtlsRole;
    this.#offer = offer;
    this.#refused = refused;
    this.#version++;
    const { transport } = this;
    const ice = this.#credentials();
    const { fingerprints } = offer;
    if (isFirst) this.#command({ kind: 'openTransport', transport, ice, dtlsRole, fingerprints });
    else if (restarts) this.#command({ kind: 'restartIce', transport, ice });
    this.#setIncoming(incoming);
    this.#setSlots(outgoing, streams, message);
  }

  #setIncoming(media: readonly IncomingMedia[]): void {
    const before = JSON.stringify([...this.#incoming.values()]);
    this.#incoming = new Map(media.map((entry) => [entry.mid, entry]));
    if (before !== JSON.stringify(media))
      this.#command({ kind: 'setIncoming', transport: this.transport, media });
  }

  #setSlots(
    outgoing: readonly OutgoingMedia[],
    streams: ReadonlyMap<string, SlotStream>,
    message: OfferMessage,
  ): void {
    const mids = new Map(outgoing.map((media, i) => [media.mid, i]));
    for (const [mid, { slot }] of this.#streams) {
      if (mids.has(mid)) continue;
      this.#streams.delete(mid);
      this.#context.index.slots.delete(slot);
      this.#command({ kind: 'closeSlot', slot });
    }
    for (const media of outgoing) {
      if (this.#streams.has(media.mid)) continue;
      const stream = streams.get(media.mid)!; // `negotiate` asked for every outgoing m-line
      this.#streams.set(media.mid, stream);
      const { transport } = this;
      this.#context.index.slots.set(stream.slot, transport);
      this.#command({ kind: 'openSlot', slot: stream.slot, transport, media });
    }
    const partners = new Map<string, string>();
    for (const { audio, video } of message.pairs) partners.set(audio, video).set(video, audio);
    this.#ports = outgoing.map(({ mid, kind }) => {
      const { slot } = this.#streams.get(mid)!; // opened just above
      return { mid, kind, slot, partner: mids.get(partners.get(mid) ?? '') ?? -1 };
    });
  }

  #newCredentials(): IcePair {
    const { random } = this.#context.ports;
    return { ufrag: ufragFor(this.worker, random), pwd: randomIceChars(random, PASSWORD_LENGTH) };
  }

  #credentials() {
    const remote = this.#remote!; // set by the first offer, before any command
    return {
      localUfrag: this.#local.ufrag,
      localPwd: this.#local.pwd,
      remoteUfrag: remote.ufrag,
      remotePwd: remote.pwd,
    };
  }

  #command(command: Parameters<Context['out']['media']>[1]): void {
    this.#context.out.media(this.worker, command);
  }
}

/** RFC 3264 §6: an answer has the m-lines of its offer, in their order; those without interest are refused. */
const isAnswer = ({ media }: SessionOffer): boolean =>
  media.length === OFFERED.length &&
  media.every(
    ({ mid, kind, rejected }, i) =>
      kind === OFFERED[i]!.kind && (rejected || mid === OFFERED[i]!.mid),
  );
