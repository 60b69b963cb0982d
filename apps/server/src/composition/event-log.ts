import type { RoomEvent } from '@switchyard/control/rooms';
import type { Log } from '@switchyard/core/base';
import { Private } from '../log/private.ts';

/** One line for each change of a room's life; what people do is for `debug`. */
export function logRoomEvent(log: Log, event: RoomEvent): void {
  switch (event.kind) {
    case 'roomStarted':
      log.info({ room: event.room.sid, name: new Private(event.room.name) }, 'room started');
      return;
    case 'roomEnded':
      log.info({ room: event.room.sid, durationMs: Math.round(event.durationMs) }, 'room ended');
      return;
    case 'participantJoined':
    case 'participantLeft': {
      const { sid, kind } = event.participant;
      const reason = event.kind === 'participantLeft' ? { reason: event.reason } : {};
      log.debug(
        { room: new Private(event.room), participant: sid, as: kind, ...reason },
        event.kind,
      );
      return;
    }
    case 'trackPublished':
    case 'trackUnpublished': {
      const { sid, source } = event.track;
      log.debug({ room: new Private(event.room), track: sid, source }, event.kind);
      return;
    }
    case 'participantResumed':
      log.debug({ room: new Private(event.room) }, event.kind);
      return;
    case 'transportState': {
      const { state, detail } = event;
      const fields = { room: new Private(event.room), state, detail };
      if (state === 'failed') log.warn(fields, 'media transport failed');
      else log.debug(fields, event.kind);
      return;
    }
    case 'requestRefused':
      log.debug({ request: event.request, code: event.code }, event.kind);
      return;
  }
}
