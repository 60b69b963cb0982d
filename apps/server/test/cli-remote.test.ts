import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { prepareKeys, verifyToken } from '@switchyard/control/auth';
import { printTable } from '../src/cli/table.ts';

/*
 * The commands that ask a running server, against one that notes what it is asked.
 */

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const SECRET = 's'.repeat(32);
const folder = mkdtempSync(join(tmpdir(), 'sy-cli-'));
const requests: { line: string; body: string; token: string }[] = [];

const person = {
  sid: 'PA_1',
  identity: 'ada',
  name: 'Ada',
  kind: 'standard',
  metadata: '',
  attributes: {},
  joinedAt: 0,
  permissions: {
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canModerate: false,
    canUpdateOwnMetadata: false,
    hidden: false,
  },
  tracks: [
    {
      sid: 'TR_1',
      kind: 'audio',
      source: 'microphone',
      name: '',
      muted: false,
      width: 0,
      height: 0,
      layers: [],
      codec: '',
    },
  ],
  state: 'active',
};
const room = {
  sid: 'RM_1',
  name: 'lab',
  metadata: '',
  createdAt: 0,
  maxParticipants: 50,
  locked: false,
  participants: [person],
};

const ANSWERS: Readonly<Record<string, readonly [status: number, body: unknown]>> = {
  'GET /api/v1/rooms': [200, { rooms: [room] }],
  'POST /api/v1/rooms': [201, room],
  'DELETE /api/v1/rooms/lab': [204, null],
  'DELETE /api/v1/rooms/attic': [404, { detail: 'There is no such room.', fix: 'Create it.' }],
  'GET /api/v1/rooms/lab/participants': [200, { participants: [person] }],
  'GET /api/v1/rooms/lab/participants/ada': [200, person],
  'DELETE /api/v1/rooms/lab/participants/ada': [204, null],
  'PATCH /api/v1/rooms/lab/tracks/TR_1': [204, null],
};

let server: Server;
before(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const line = `${request.method} ${request.url}`;
      requests.push({ line, body, token: request.headers.authorization?.slice(7) ?? '' });
      const [status, answer] = ANSWERS[line] ?? [500, {}];
      response.writeHead(status).end(answer === null ? undefined : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function sy(...args: readonly string[]) {
  const { port } = server.address() as AddressInfo;
  const env = {
    PATH: process.env['PATH'],
    SY_SERVER__LISTEN: `127.0.0.1:${port}`,
    SY_KEYS__APIcli: SECRET,
  };
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('sy room ls asks with a short token of the configured key and prints a table, or the answer', async () => {
  const listed = await sy('room', 'ls');
  assert.equal(
    listed.stdout,
    'ROOM  PEOPLE  DOOR  SINCE\nlab   1/50    open  1970-01-01T00:00:00.000Z\n',
  );
  const keys = await prepareKeys([{ kind: 'secret', id: 'APIcli', secret: SECRET }]);
  assert.ok(keys.ok);
  const claims = await verifyToken(requests[0]?.token ?? '', keys.value, Date.now() / 1000);
  assert.ok(claims.ok && claims.value.video.roomList);
  const raw = await sy('room', 'ls', '--json');
  assert.equal(JSON.parse(raw.stdout).rooms[0].name, 'lab');
});

test('sy room create and end; what the server refuses is told with what to do, and exits with 1', async () => {
  const created = await sy('room', 'create', 'lab', '--max-participants', '5');
  assert.equal(created.stdout, 'created lab\n');
  assert.deepEqual(JSON.parse(requests.at(-1)?.body ?? ''), { name: 'lab', maxParticipants: 5 });
  assert.equal((await sy('room', 'end', 'lab', '--json')).stdout, '{"ended":"lab"}\n');
  const refused = await sy('room', 'end', 'attic');
  assert.deepEqual(refused, { code: 1, stdout: '', stderr: 'There is no such room. Create it.\n' });
});

test('sy participant ls, mute and remove', async () => {
  const listed = await sy('participant', 'ls', 'lab');
  assert.match(listed.stdout, /^ada +Ada +standard +active +microphone$/m);
  assert.equal((await sy('participant', 'mute', 'lab', 'ada')).stdout, 'muted microphone of ada\n');
  assert.deepEqual(requests.at(-1)?.line, 'PATCH /api/v1/rooms/lab/tracks/TR_1');
  const other = await sy('participant', 'mute', 'lab', 'ada', '--source', 'camera');
  assert.deepEqual([other.code, other.stderr], [1, 'ada does not publish camera.\n']);
  const removed = await sy('participant', 'remove', 'lab', 'ada', '--json');
  assert.equal(removed.stdout, '{"removed":"ada"}\n');
});

test('without a server the address that was tried is named', async () => {
  const { code, stderr } = await sy('room', 'ls', '--url', 'http://127.0.0.1:9');
  assert.equal(code, 1);
  assert.match(stderr, /^No answer from http:\/\/127\.0\.0\.1:9: .* Is the server running\?/);
});

test('sy token create --admin signs for the REST interface, and without it an identity is needed', async () => {
  const keys = await prepareKeys([{ kind: 'secret', id: 'APIcli', secret: SECRET }]);
  const { stdout } = await sy('token', 'create', '--admin', '--ttl', '1');
  const claims = await verifyToken(stdout.trim(), keys.ok ? keys.value : [], Date.now() / 1000);
  assert.ok(claims.ok && claims.value.video.roomAdmin);
  assert.equal((await sy('token', 'create')).code, 2);
});

test('columns are as wide as their widest cell; no line ends with spaces', () => {
  assert.equal(
    printTable(
      ['a', 'b'],
      [
        ['long', ''],
        ['x', 'y'],
      ],
    ),
    'A     B\nlong\nx     y',
  );
});
