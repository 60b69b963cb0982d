import { err, ok, type Result } from '@switchyard/core/base';
import { ParticipantInfo, TrackSource } from '@switchyard/core/signal';
import { Command, Option } from 'commander';
import * as z from 'zod';
import { finish, type RemoteOptions, RestClient, withRemote } from './rest-client.ts';
import { printTable } from './table.ts';

const Participants = z.object({ participants: z.array(ParticipantInfo) });

interface MuteOptions extends RemoteOptions {
  readonly source: TrackSource;
}

/** `sy participant ls|mute|remove`. */
export function participantCommand(): Command {
  const command = new Command('participant').description('people in a room of a running server');
  withRemote(command.command('ls <room>'))
    .description('list who is in a room, hidden participants included')
    .action(list);
  withRemote(command.command('mute <room> <identity>'))
    .description("mute somebody's microphone, or another source")
    .addOption(
      new Option('--source <source>', 'what to mute')
        .choices(TrackSource.options)
        .default('microphone'),
    )
    .action(mute);
  withRemote(command.command('remove <room> <identity>'))
    .description('remove somebody from a room')
    .action(remove);
  return command;
}

async function list(room: string, options: RemoteOptions): Promise<void> {
  const client = await RestClient.open(options);
  const answer = await client.ask('GET', `${pathOf(room)}/participants`);
  if (!answer.ok) return finish(answer);
  if (options.json === true) return finish(ok(JSON.stringify(answer.value)));
  const { participants } = Participants.parse(answer.value);
  const rows = participants.map(({ identity, name, kind, state, tracks }) => [
    identity,
    name,
    kind,
    state,
    tracks.map(({ source, muted }) => (muted ? `${source} (muted)` : source)).join(', '),
  ]);
  finish(ok(printTable(['identity', 'name', 'kind', 'state', 'publishes'], rows)));
}

async function mute(room: string, identity: string, options: MuteOptions): Promise<void> {
  const client = await RestClient.open(options);
  const muted = await muteTracks(client, room, identity, options.source);
  if (!muted.ok) return finish(muted);
  const text = `muted ${options.source} of ${identity}`;
  finish(ok(options.json === true ? JSON.stringify({ muted: muted.value }) : text));
}

/** Returns the sids of the tracks that are muted now. */
async function muteTracks(
  client: RestClient,
  room: string,
  identity: string,
  source: TrackSource,
): Promise<Result<string[], string>> {
  const path = `${pathOf(room)}/participants/${encodeURIComponent(identity)}`;
  const participant = await client.ask('GET', path);
  if (!participant.ok) return participant;
  const { tracks } = ParticipantInfo.parse(participant.value);
  const sids = tracks.filter((track) => track.source === source).map(({ sid }) => sid);
  if (sids.length === 0) return err(`${identity} does not publish ${source}.`);
  for (const sid of sids) {
    const done = await client.ask('PATCH', `${pathOf(room)}/tracks/${sid}`, { muted: true });
    if (!done.ok) return done;
  }
  return ok(sids);
}

async function remove(room: string, identity: string, options: RemoteOptions): Promise<void> {
  const client = await RestClient.open(options);
  const path = `${pathOf(room)}/participants/${encodeURIComponent(identity)}`;
  const answer = await client.ask('DELETE', path);
  if (!answer.ok) return finish(answer);
  const text = `removed ${identity}`;
  finish(ok(options.json === true ? JSON.stringify({ removed: identity }) : text));
}

const pathOf = (room: string): string => `/rooms/${encodeURIComponent(room)}`;
