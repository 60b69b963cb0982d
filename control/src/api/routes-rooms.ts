import { err } from '@switchyard/core/base';
import { type RoomDetails, signalError, withoutUndefined } from '../rooms/index.ts';
import { problemOf } from './problem.ts';
import { created, done, found, type Outcome, type Route, route } from './route.ts';
import {
  MessageCreated,
  MessageCreation,
  RoomChange,
  RoomCreation,
  RoomList,
  RoomState,
} from './schemas.ts';

/** A room as REST shows it: definition and live state together. */
const stateOf = ({ room, ...rest }: RoomDetails) => ({ ...room, ...rest });

const roomNotFound = (): Outcome => err(problemOf(signalError('roomNotFound')));

export const ROOM_ROUTES: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/v1/rooms',
    tag: 'Rooms',
    summary: 'All rooms with who is in them',
    access: 'list',
    body: null,
    success: { status: 200, schema: RoomList },
    errors: [],
    handle: ({ options }) =>
      found({ rooms: options.host.administer((rooms) => rooms.listRooms().map(stateOf)) }),
  }),
  route({
    method: 'post',
    path: '/api/v1/rooms',
    tag: 'Rooms',
    summary: 'Create a room before anybody joins',
    access: 'create',
    body: RoomCreation,
    success: { status: 201, schema: RoomState },
    errors: ['roomExists', 'tooManyRooms'],
    handle: ({ options, body: { name, ...definition } }) =>
      options.host.administer((rooms, now) => {
        const room = rooms.createRoom(now, name, withoutUndefined(definition));
        return room.ok ? created(stateOf(rooms.getRoom(name)!)) : err(problemOf(room.error));
      }),
  }),
  route({
    method: 'get',
    path: '/api/v1/rooms/{room}',
    tag: 'Rooms',
    summary: 'One room with its participants and tracks',
    access: 'admin',
    body: null,
    success: { status: 200, schema: RoomState },
    errors: ['roomNotFound'],
    handle: ({ options, params }) => {
      const room = options.host.administer((rooms) => rooms.getRoom(params['room']!));
      return room === null ? roomNotFound() : found(stateOf(room));
    },
  }),
  route({
    method: 'patch',
    path: '/api/v1/rooms/{room}',
    tag: 'Rooms',
    summary: 'Lock a room, change its metadata or limits',
    access: 'admin',
    body: RoomChange,
    success: { status: 200, schema: RoomState },
    errors: ['roomNotFound'],
    handle: ({ options, params, body }) =>
      options.host.administer((rooms, now) => {
        const name = params['room']!;
        const changed = rooms.updateRoom(now, name, withoutUndefined(body));
        return changed.ok ? found(stateOf(rooms.getRoom(name)!)) : err(problemOf(changed.error));
      }),
  }),
  route({
    method: 'delete',
    path: '/api/v1/rooms/{room}',
    tag: 'Rooms',
    summary: 'End a room for everybody',
    access: 'admin',
    body: null,
    success: { status: 204, schema: null },
    errors: ['roomNotFound'],
    handle: ({ options, params }) => {
      const ended = options.host.administer((rooms, now) => rooms.endRoom(now, params['room']!));
      return ended.ok ? done() : err(problemOf(ended.error));
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/rooms/{room}/messages',
    tag: 'Messages',
    summary: 'Send a message to a room or to some of its participants',
    access: 'admin',
    body: MessageCreation,
    success: { status: 201, schema: MessageCreated },
    errors: ['roomNotFound', 'recipientNotFound'],
    handle: ({ options, params, body }) => {
      const sent = options.host.administer((rooms, now) =>
        rooms.sendMessage(now, params['room']!, withoutUndefined(body)),
      );
      return sent.ok ? created({ messageId: sent.value }) : err(problemOf(sent.error));
    },
  }),
];
