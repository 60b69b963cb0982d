import type { Millis } from '@switchyard/core/base';
import type { MediaNotice, TrackId, TransportQuality, WorkerId } from '@switchyard/core/media-api';
import type { SlotState } from '@switchyard/core/signal';
import type { Context } from './context.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';

type Notice<Kind extends MediaNotice['kind']> = Extract<MediaNotice, { kind: Kind }>;

/** Takes what workers report to the rooms and people it is about. Reports about closed ids are ignored. */
export class MediaNotices {
  readonly #context: Context;
  readonly #onMediaFailed: (now: Millis, room: Room, participant: Participant) => void;

  /** `onMediaFailed`: a transport has no path for 30 s, or its DTLS failed. */
  constructor(
    context: Context,
    onMediaFailed: (now: Millis, room: Room, participant: Participant) => void,
  ) {
    this.#context = context;
    this.#onMediaFailed = onMediaFailed;
  }

  handle(now: Millis, worker: WorkerId, notice: MediaNotice): void {
    switch (notice.kind) {
      case 'transportState':
        this.#onTransportState(now, notice);
        return;
      case 'trackActive':
        this.#onTrackActive(worker, notice);
        return;
      case 'slotSwitched':
        this.#tellSlot(notice.slot, (participant) =>
          participant.receiver.handleSwitched(notice.slot, notice.track, notice.rtpTimestamp),
        );
        return;
      case 'slotUnavailable':
        this.#tellSlot(notice.slot, (participant) =>
          participant.receiver.handleUnavailable(notice.slot, notice.track),
        );
        return;
      case 'audioLevels':
        this.#onAudioLevels(now, worker, notice.levels);
        return;
      case 'transportQuality':
        this.#onTransportQuality(notice.transports);
        return;
      case 'load':
      case 'statistics':
        this.#context.workers.report(worker, notice.load);
        return;
      case 'ready':
      case 'plainTransportOpened':
        return;
    }
  }

  #onTransportState(now: Millis, { transport, state, detail }: Notice<'transportState'>): void {
    const place = this.#context.index.transports.get(transport);
    if (place === undefined) return;
    const { room, participant } = place;
    const { identity } = participant;
    this.#context.out.event({ kind: 'transportState', room: room.name, identity, state, detail });
    if (state === 'suspect') {
      participant.seat.send({ kind: 'iceRestartWanted' });
      if (participant.quality.handleLost()) room.tellQuality([participant]);
    } else if (state === 'connected') {
      if (participant.quality.handleFound()) room.tellQuality([participant]);
    } else if (state === 'failed') {
      if (participant.quality.handleLost()) room.tellQuality([participant]);
      this.#onMediaFailed(now, room, participant);
    } else if (state === 'closed' && !participant.seat.isResumable) {
      // An encoder or player that ended without DELETE. Clients say themselves what comes next.
      this.#onMediaFailed(now, room, participant);
    }
  }

  #onTrackActive(worker: WorkerId, notice: Notice<'trackActive'>): void {
    const room = this.#context.index.tracks.get(notice.track);
    const track = room?.trackById(notice.track);
    // Workers that a track is piped to report it as well; its own knows best.
    if (!room || !track || track.worker !== worker) return;
    const codecBefore = track.matchKey;
    const isNews = track.handleActive(notice);
    if (track.matchKey !== codecBefore)
      for (const one of room.participants.values()) one.receiver.handleCodecChange(track);
    if (isNews) room.tellTrack(room.publisherOf(track), track);
    room.touchAll();
  }

  #tellSlot(
    slot: Notice<'slotSwitched'>['slot'],
    change: (participant: Participant) => SlotState | null,
  ): void {
    const transport = this.#context.index.slots.get(slot);
    if (transport === undefined) return;
    const participant = this.#context.index.transports.get(transport)?.participant;
    if (participant === undefined) return;
    const state = change(participant);
    if (state !== null) participant.seat.tell({ kind: 'slotsChanged', slots: [state] });
  }

  #onAudioLevels(now: Millis, worker: WorkerId, levels: readonly number[]): void {
    const rooms = new Map<Room, Map<TrackId, number>>();
    for (let i = 0; i + 1 < levels.length; i += 2) {
      const id = levels[i] as TrackId; // the pairs of the notice are of track and level
      const room = this.#context.index.tracks.get(id);
      if (room?.trackById(id)?.worker !== worker) continue;
      const ofRoom = rooms.get(room) ?? new Map<TrackId, number>();
      rooms.set(room, ofRoom.set(id, levels[i + 1]!));
    }
    for (const [room, ofRoom] of rooms) room.handleLevels(now, ofRoom);
  }

  #onTransportQuality(transports: readonly TransportQuality[]): void {
    const rooms = new Map<Room, Map<Participant, TransportQuality>>();
    for (const report of transports) {
      const place = this.#context.index.transports.get(report.transport);
      if (place === undefined) continue;
      const ofRoom = rooms.get(place.room) ?? new Map<Participant, TransportQuality>();
      rooms.set(place.room, ofRoom.set(place.participant, report));
    }
    for (const [room, reports] of rooms) room.handleQuality(reports);
  }
}
