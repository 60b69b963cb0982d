import { ok, type Result } from '@switchyard/core/base';
import type { WorkerId } from '@switchyard/core/media-api';
import type { ClientMessage, SignalError, TrackInfo } from '@switchyard/core/signal';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import { MediaSession, type OfferMessage } from './media-session.ts';
import type { Participant } from './participant.ts';
import { placeParticipant } from './placement.ts';
import type { Room } from './room.ts';
import { Track } from './track.ts';

type Message<Kind extends ClientMessage['kind']> = Extract<ClientMessage, { kind: Kind }>;

/** Answers an offer: opens or changes the participant's media connection. Returns the SDP. */
export function handleOffer(
  context: Context,
  room: Room,
  participant: Participant,
  message: OfferMessage,
): Result<string, SignalError> {
  const answer = message.fresh
    ? openMedia(context, room, participant, message)
    : // After `mediaLost` an offer of the old connection may still be on its way: it fits nothing here.
      (participant.media?.handleOffer(message) ?? refuse('noMedia'));
  if (!answer.ok) return answer;
  const media = participant.media!; // both ways end with one
  for (const track of [...participant.tracks.values()])
    if (media.incoming(track.mid) === null) room.removeTrack(participant, track);
  participant.receiver.setPorts(media.worker, media.ports);
  room.touch(participant);
  return answer;
}

/** Prepares a connection in which we offer to send; its peer answers with an `offer` that is not `fresh`. */
export function prepareOffer(
  context: Context,
  room: Room,
  participant: Participant,
): Result<string, SignalError> {
  return connect(context, room, participant, (worker) => MediaSession.prepare(context, worker));
}

function openMedia(
  context: Context,
  room: Room,
  participant: Participant,
  message: OfferMessage,
): Result<string, SignalError> {
  return connect(context, room, participant, (worker) =>
    MediaSession.open(context, worker, message),
  );
}

/** Makes a connection on the worker that suits best; it replaces the one before. Returns the SDP. */
function connect(
  context: Context,
  room: Room,
  participant: Participant,
  make: (worker: WorkerId) => ReturnType<typeof MediaSession.open>,
): Result<string, SignalError> {
  const worker = placeParticipant(context.workers, room.workerCounts(), context.settings);
  if (worker === null) return refuse('noMediaWorker');
  const made = make(worker);
  if (!made.ok) return made;
  room.dropMedia(participant);
  const { media, sdp } = made.value;
  participant.media = media;
  context.index.transports.set(media.transport, { room, participant });
  return ok(sdp);
}

/** Makes what a sender carries known to the room. */
export function publish(
  context: Context,
  room: Room,
  participant: Participant,
  message: Message<'publish'>,
  arrival: number,
): Result<TrackInfo, SignalError> {
  const { media, tracks } = participant;
  const { source, mid, muted, layers } = message;
  if (!participant.mayPublish(source))
    return refuse('notAllowed', `You may not publish ${source} here.`);
  if (media === null) return refuse('noMedia');
  const incoming = media.incoming(mid);
  if (incoming === null) return refuse('unknownMid');
  if (participant.trackOnMid(mid) !== null) return refuse('midInUse');
  if (tracks.size >= context.settings.limits.tracksPerParticipant) return refuse('tooManyTracks');
  const track = new Track({
    sid: context.ids.sid('TR'),
    id: context.ids.track(),
    worker: media.worker,
    incoming,
    publisherSid: participant.sid,
    arrival,
    source,
    name: message.name ?? '',
    muted,
    width: message.width ?? 0,
    height: message.height ?? 0,
    layers,
  });
  room.addTrack(participant, track);
  return ok(track.info());
}

export function unpublish(
  room: Room,
  participant: Participant,
  { trackSid }: Message<'unpublish'>,
): Result<void, SignalError> {
  const track = participant.tracks.get(trackSid);
  if (track === undefined) return refuse('trackNotFound');
  room.removeTrack(participant, track);
  return ok(undefined);
}

/** Somebody mutes or unmutes himself; unmuting needs the permission to publish that source. */
export function mute(
  room: Room,
  participant: Participant,
  { trackSid, muted }: Message<'mute'>,
): Result<void, SignalError> {
  const track = participant.tracks.get(trackSid);
  if (track === undefined) return refuse('trackNotFound');
  if (!muted && !participant.mayPublish(track.source)) return refuse('notAllowed');
  room.setMuted(participant, track, muted);
  return ok(undefined);
}
