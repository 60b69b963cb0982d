import { randomFillSync } from 'node:crypto';
import { SwitchboardHost } from '@switchyard/control/api';
import { signToken } from '@switchyard/control/auth';
import {
  DEFAULT_LIMITS,
  type RoomEvent,
  Switchboard,
  type SwitchboardPorts,
} from '@switchyard/control/rooms';
import type { MediaCommand, WorkerId } from '@switchyard/core/media-api';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { iceServersFor } from '../network/ice-servers.ts';
import { VERSION } from '../version.ts';
import type { ServerKeys } from './keys.ts';

export interface RoomsOptions {
  readonly config: Config;
  readonly keys: ServerKeys;
  readonly advertise: SwitchboardPorts['advertise'];
  readonly sendCommand: (worker: WorkerId, command: MediaCommand) => void;
  readonly onEvent: (event: RoomEvent) => void;
}

/** A token for a called person is for this call only, s. */
const CALL_TOKEN_SECONDS = 3600;

export const roomLimits = ({ rooms }: Config) => ({
  ...DEFAULT_LIMITS,
  participantsPerRoom: rooms.maxParticipants,
});

/** The rooms, driven by the clock of this process. */
export function createRooms(options: RoomsOptions): SwitchboardHost {
  const { config, keys } = options;
  const switchboard = new Switchboard(
    {
      random: { fill: (out) => void randomFillSync(out) },
      wallClock: systemClock.wallClockAt,
      advertise: options.advertise,
      iceServers: (now, identity) =>
        iceServersFor(config.rtc.iceServers, identity, systemClock.wallClockAt(now)),
      issueToken: ({ identity, name, room }) =>
        keys.own === null
          ? null
          : signToken(
              keys.own,
              { identity, name, video: { room, roomJoin: true }, ttlSeconds: CALL_TOKEN_SECONDS },
              systemClock.wallClock() / 1000,
            ),
    },
    {
      serverVersion: VERSION,
      autoCreate: config.rooms.autoCreate,
      emptyTimeoutMs: config.rooms.emptyTimeout,
      spreadAfter: config.rooms.spreadAfter,
      limits: roomLimits(config),
    },
  );
  return new SwitchboardHost(switchboard, systemClock, {
    sendCommand: options.sendCommand,
    onEvent: options.onEvent,
  });
}
