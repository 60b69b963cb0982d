import { err } from '@switchyard/core/base';
import type { ParticipantInfo } from '@switchyard/core/signal';
import { type ErrorCode, type RoomDetails, signalError, withoutUndefined } from '../rooms/index.ts';
import type { ApiOptions } from './options.ts';
import { problemOf } from './problem.ts';
import { done, found, type Outcome, type Route, route } from './route.ts';
import {
  ParticipantList,
  ParticipantPatch,
  ParticipantSchema,
  PublishedTrack,
  TrackList,
  TrackPatch,
} from './schemas.ts';

const notFound = (code: ErrorCode): Outcome => err(problemOf(signalError(code)));

const findRoom = (options: ApiOptions, name: string): RoomDetails | null =>
  options.host.administer((rooms) => rooms.getRoom(name));

const findParticipant = (room: RoomDetails, identity: string): ParticipantInfo | undefined =>
  room.participants.find((one) => one.identity === identity);

const tracksOf = (room: RoomDetails) =>
  room.participants.flatMap(({ identity, tracks }) =>
    tracks.map((track) => ({ participant: identity, track })),
  );

export const PARTICIPANT_ROUTES: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/v1/rooms/{room}/participants',
    tag: 'Participants',
    summary: 'Who is in a room, hidden participants included',
    access: 'admin',
    body: null,
    success: { status: 200, schema: ParticipantList },
    errors: ['roomNotFound'],
    handle: ({ options, params }) => {
      const room = findRoom(options, params['room']!);
      if (room === null) return notFound('roomNotFound');
      return found({ participants: room.participants });
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/rooms/{room}/participants/{identity}',
    tag: 'Participants',
    summary: 'One participant',
    access: 'admin',
    body: null,
    success: { status: 200, schema: ParticipantSchema },
    errors: ['roomNotFound', 'participantNotFound'],
    handle: ({ options, params }) => {
      const room = findRoom(options, params['room']!);
      if (room === null) return notFound('roomNotFound');
      const participant = findParticipant(room, params['identity']!);
      return participant === undefined ? notFound('participantNotFound') : found(participant);
    },
  }),
  route({
    method: 'patch',
    path: '/api/v1/rooms/{room}/participants/{identity}',
    tag: 'Participants',
    summary: 'Change what somebody may do, or his name, metadata and attributes',
    access: 'admin',
    body: ParticipantPatch,
    success: { status: 200, schema: ParticipantSchema },
    errors: ['roomNotFound', 'participantNotFound', 'attributesTooLong'],
    handle: ({ options, params, body: { permissions, ...fields } }) => {
      const change = {
        ...withoutUndefined(fields),
        ...(permissions === undefined ? {} : { permissions: withoutUndefined(permissions) }),
      };
      const changed = options.host.administer((rooms, now) =>
        rooms.updateParticipant(now, params['room']!, params['identity']!, change),
      );
      return changed.ok ? found(changed.value) : err(problemOf(changed.error));
    },
  }),
  route({
    method: 'delete',
    path: '/api/v1/rooms/{room}/participants/{identity}',
    tag: 'Participants',
    summary: 'Remove somebody from a room',
    access: 'admin',
    body: null,
    success: { status: 204, schema: null },
    errors: ['roomNotFound', 'participantNotFound'],
    handle: ({ options, params }) => {
      const removed = options.host.administer((rooms, now) =>
        rooms.removeParticipant(now, params['room']!, params['identity']!),
      );
      return removed.ok ? done() : err(problemOf(removed.error));
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/rooms/{room}/tracks',
    tag: 'Tracks',
    summary: 'What is published in a room',
    access: 'admin',
    body: null,
    success: { status: 200, schema: TrackList },
    errors: ['roomNotFound'],
    handle: ({ options, params }) => {
      const room = findRoom(options, params['room']!);
      if (room === null) return notFound('roomNotFound');
      return found({ tracks: tracksOf(room) });
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/rooms/{room}/tracks/{track}',
    tag: 'Tracks',
    summary: 'One track and who publishes it',
    access: 'admin',
    body: null,
    success: { status: 200, schema: PublishedTrack },
    errors: ['roomNotFound', 'trackNotFound'],
    handle: ({ options, params }) => {
      const room = findRoom(options, params['room']!);
      if (room === null) return notFound('roomNotFound');
      const published = tracksOf(room).find(({ track }) => track.sid === params['track']);
      return published === undefined ? notFound('trackNotFound') : found(published);
    },
  }),
  route({
    method: 'patch',
    path: '/api/v1/rooms/{room}/tracks/{track}',
    tag: 'Tracks',
    summary: "Mute somebody's track",
    access: 'admin',
    body: TrackPatch,
    success: { status: 204, schema: null },
    errors: ['roomNotFound', 'trackNotFound'],
    handle: ({ options, params, body: { muted } }) => {
      const changed = options.host.administer((rooms, now) =>
        rooms.muteTrack(now, params['room']!, params['track']!, muted),
      );
      return changed.ok ? done() : err(problemOf(changed.error));
    },
  }),
];
