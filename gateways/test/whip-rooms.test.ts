import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchboardHost } from '@switchyard/control/api';
import { Switchboard } from '@switchyard/control/rooms';
import type { MediaCommand, TransportId, WorkerId } from '@switchyard/core/media-api';
import type { ServerMessage } from '@switchyard/core/signal';
import { SeededRandom } from '@switchyard/tools/testkit';
import { createWhipApp, whipRooms } from '../src/whip/index.ts';
import { admission, ManualClock, makeOffer, RESTART, verify } from './whip-kit.ts';

/*
 * The gateway in front of the real rooms; only the media worker is played by the test.
 */

const WORKER = 1 as WorkerId;

function makeServer() {
  const clock = new ManualClock();
  const commands: MediaCommand[] = [];
  const switchboard = new Switchboard({
    random: new SeededRandom(1),
    wallClock: () => clock.wallClock(),
    advertise: () => [{ protocol: 'udp', address: '192.0.2.7', port: 7000 }],
    iceServers: () => [{ urls: ['stun:192.0.2.7:3478'] }],
    issueToken: () => null,
  });
  const host = new SwitchboardHost(switchboard, clock, {
    sendCommand: (_, command) => void commands.push(command),
    onEvent: () => {},
  });
  const ready = () =>
    host.mediaNotice(WORKER, {
      kind: 'ready',
      worker: WORKER,
      pid: 1,
      udp: [{ address: '192.0.2.7', port: 7000 }],
      fingerprint: { algorithm: 'sha-256', value: Array(32).fill('C3').join(':') },
    });
  ready();
  const app = createWhipApp({ rooms: whipRooms(host), clock, verify });
  const send = async (
    method: string,
    path: string,
    body: string,
    token: string,
    type = method === 'PATCH' ? 'application/trickle-ice-sdpfrag' : 'application/sdp',
  ) =>
    app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': type,
        'if-match': '*',
      },
      ...(body === '' ? {} : { body }),
    });
  /** Somebody in the room with a WebSocket. */
  const messages: ServerMessage[] = [];
  const watcher = host.connect({ send: (message) => void messages.push(message), close() {} });
  host.open(watcher, admission('watcher'), 'standard');
  host.message(watcher, {
    kind: 'join',
    id: 1,
    token: '',
    client: { sdk: 'test', version: '1' },
  });
  return { host, commands, send, messages, ready };
}

const lastOf = <K extends MediaCommand['kind']>(commands: readonly MediaCommand[], kind: K) =>
  commands.findLast((command) => command.kind === kind) as
    | Extract<MediaCommand, { kind: K }>
    | undefined;

test('an encoder appears in the room as a participant of kind whip with camera and microphone', async () => {
  const { send, messages, commands } = makeServer();
  const response = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  assert.equal(response.status, 201, await response.clone().text());
  const joined = messages.find((message) => message.kind === 'participantJoined');
  assert.equal(joined?.participant.kind, 'whip');
  assert.deepEqual(
    messages.flatMap((message) =>
      message.kind === 'trackPublished' ? [message.track.source] : [],
    ),
    ['microphone', 'camera'],
  );
  assert.equal(lastOf(commands, 'openTransport')?.dtlsRole, 'server');
  assert.equal(lastOf(commands, 'openTrack')?.mid, '1');
});

test('a player receives the encoder: its slots carry both tracks', async () => {
  const { send, commands } = makeServer();
  const player = () => send('POST', '/whep/studio', makeOffer('recvonly'), 'viewer');
  assert.equal((await player()).status, 409);
  await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const response = await player();
  assert.equal(response.status, 201, await response.clone().text());
  const tracks = commands.flatMap((one) => (one.kind === 'openTrack' ? [one.track] : []));
  const assigned = commands.flatMap((one) => (one.kind === 'assignSlot' ? [one.track] : []));
  assert.deepEqual(new Set(assigned), new Set(tracks));
});

test('an ICE restart reaches the worker; the answered credentials are those it was told', async () => {
  const { send, commands } = makeServer();
  const created = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const url = created.headers.get('location') ?? '';
  const response = await send('PATCH', url, RESTART, 'obs');
  assert.equal(response.status, 200);
  const { ice } = lastOf(commands, 'restartIce')!;
  assert.equal(ice.remoteUfrag, 'anew');
  const fragment = await response.text();
  assert.ok(fragment.includes(`a=ice-ufrag:${ice.localUfrag}\r\na=ice-pwd:${ice.localPwd}\r\n`));
});

test('DELETE takes the encoder out of the room', async () => {
  const { send, messages, commands } = makeServer();
  const created = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const response = await send('DELETE', created.headers.get('location') ?? '', '', 'obs');
  assert.equal(response.status, 200);
  assert.ok(messages.some((message) => message.kind === 'participantLeft'));
  assert.ok(lastOf(commands, 'closeTransport'));
});

test('RFC 7675 §5.1: an encoder without consent for 30 s is out, and its URL gone', async () => {
  const { send, host, messages, commands } = makeServer();
  const created = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const transport: TransportId = lastOf(commands, 'openTransport')!.transport;
  host.mediaNotice(WORKER, { kind: 'transportState', transport, state: 'failed', detail: 'gone' });
  const left = messages.find((message) => message.kind === 'participantLeft');
  assert.equal(left?.reason, 'connectionLost');
  const url = created.headers.get('location') ?? '';
  assert.equal((await send('DELETE', url, '', 'obs')).status, 404);
});

test('an encoder that comes back with its token replaces its own session at once', async () => {
  const { send } = makeServer();
  const first = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const second = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  assert.equal(second.status, 201);
  const statuses = [first, second].map(async ({ headers }) => {
    const { status } = await send('DELETE', headers.get('location') ?? '', '', 'obs');
    return status;
  });
  assert.deepEqual(await Promise.all(statuses), [404, 200]);
});

test('players with one token watch side by side, and nobody sees them', async () => {
  const { send, messages } = makeServer();
  await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const players = [1, 2].map(() => send('POST', '/whep/studio', makeOffer('recvonly'), 'viewer'));
  const urls = (await Promise.all(players)).map(({ headers }) => headers.get('location') ?? '');
  const ended = urls.map(async (url) => (await send('DELETE', url, '', 'viewer')).status);
  assert.deepEqual(await Promise.all(ended), [200, 200]);
  const joined = messages.filter(({ kind }) => kind === 'participantJoined');
  assert.equal(joined.length, 1, 'the encoder alone');
});

test('the answer to a counter-offer opens the transport that it describes', async () => {
  const { send, commands } = makeServer();
  await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const before = commands.length;
  const offered = await send('POST', '/whep/studio', '', 'viewer');
  assert.equal(offered.status, 406);
  assert.equal(commands.length, before, 'the worker knows nothing yet');
  const text = await offered.text();
  const url = offered.headers.get('location') ?? '';
  const answer = makeOffer('recvonly', (sdp) => sdp.replaceAll('setup:actpass', 'setup:active'));
  const answered = await send('PATCH', url, answer, 'viewer', 'application/sdp');
  assert.equal(answered.status, 204, await answered.clone().text());
  const opened = lastOf(commands, 'openTransport')!;
  assert.equal(opened.dtlsRole, 'server');
  assert.equal(opened.ice.remoteUfrag, 'peer');
  assert.ok(text.includes(`a=ice-ufrag:${opened.ice.localUfrag}\r\n`));
  const slots = commands.flatMap((one) => (one.kind === 'openSlot' ? [one.media] : []));
  assert.deepEqual(
    slots.map(({ mid }) => mid),
    ['0', '1'],
  );
  for (const { ssrc } of slots) assert.ok(text.includes(`a=ssrc:${ssrc} cname:`));
  const assigned = commands.flatMap((one) => (one.kind === 'assignSlot' ? [one.track] : []));
  assert.equal(new Set(assigned).size, 2, 'voice and picture of the encoder');
});

test('a counter-offer that nobody answers leaves no command behind', async () => {
  const { send, commands } = makeServer();
  await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const before = commands.length;
  const offered = await send('POST', '/whep/studio', '', 'viewer');
  const url = offered.headers.get('location') ?? '';
  assert.equal((await send('DELETE', url, '', 'viewer')).status, 200);
  assert.equal(commands.length, before);
});

test('when their media worker is lost, sessions of encoders and players are gone: they post again', async () => {
  const { send, host, ready } = makeServer();
  const encoder = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  const player = await send('POST', '/whep/studio', makeOffer('recvonly'), 'viewer');
  host.workerLost(WORKER);
  const statuses = [
    await send('PATCH', encoder.headers.get('location') ?? '', RESTART, 'obs'),
    await send('PATCH', player.headers.get('location') ?? '', RESTART, 'viewer'),
  ].map(({ status }) => status);
  assert.deepEqual(statuses, [404, 404]);
  ready();
  const again = await send('POST', '/whip/studio', makeOffer('sendonly'), 'obs');
  assert.equal(again.status, 201);
});
