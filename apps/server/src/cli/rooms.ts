import { ok } from '@switchyard/core/base';
import { RoomInfo } from '@switchyard/core/signal';
import { Command } from 'commander';
import * as z from 'zod';
import { finish, type RemoteOptions, RestClient, withRemote } from './rest-client.ts';
import { printTable } from './table.ts';

/** What we read of the answer. */
const Rooms = z.object({
  rooms: z.array(z.object({ ...RoomInfo.shape, participants: z.array(z.unknown()) })),
});

interface CreateOptions extends RemoteOptions {
  readonly maxParticipants?: string;
  readonly metadata?: string;
}

/** `sy room ls|create|end`. */
export function roomCommand(): Command {
  const command = new Command('room').description('rooms of a running server');
  withRemote(command.command('ls')).description('list the rooms').action(list);
  withRemote(command.command('create <room>'))
    .description('create a room before anybody joins')
    .option('--max-participants <n>', 'people at once')
    .option('--metadata <text>', 'text that everybody in the room sees')
    .action(create);
  withRemote(command.command('end <room>')).description('end a room for everybody').action(end);
  return command;
}

async function list(options: RemoteOptions): Promise<void> {
  const client = await RestClient.open(options);
  const answer = await client.ask('GET', '/rooms');
  if (!answer.ok || options.json === true) return finish(asJson(answer));
  const { rooms } = Rooms.parse(answer.value);
  const rows = rooms.map(({ name, participants, maxParticipants, locked, createdAt }) => [
    name,
    `${participants.length}/${maxParticipants}`,
    locked ? 'locked' : 'open',
    new Date(createdAt).toISOString(),
  ]);
  finish(ok(printTable(['room', 'people', 'door', 'since'], rows)));
}

async function create(name: string, options: CreateOptions): Promise<void> {
  const client = await RestClient.open(options);
  const { maxParticipants, metadata } = options;
  const answer = await client.ask('POST', '/rooms', {
    name,
    ...(maxParticipants === undefined ? {} : { maxParticipants: Number(maxParticipants) }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  finish(answer.ok && options.json !== true ? ok(`created ${name}`) : asJson(answer));
}

async function end(name: string, options: RemoteOptions): Promise<void> {
  const client = await RestClient.open(options);
  const answer = await client.ask('DELETE', `/rooms/${encodeURIComponent(name)}`);
  if (!answer.ok) return finish(answer);
  finish(ok(options.json === true ? JSON.stringify({ ended: name }) : `ended ${name}`));
}

type Answer = Awaited<ReturnType<RestClient['ask']>>;

const asJson = (answer: Answer) => (answer.ok ? ok(JSON.stringify(answer.value)) : answer);
