import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAGMENT, makeGateway, makeOffer, RESTART, signalError } from './whip-kit.ts';

interface ProblemBody {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
}

/** RFC 9457: every error has a body that says what it is. */
async function problem(response: Response, status: number, code: string): Promise<Response> {
  const body = (await response.json()) as ProblemBody;
  assert.equal(response.status, status, body.detail);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  assert.equal(body.status, status);
  assert.equal(body.code, code);
  assert.ok(body.title.length > 3 && body.detail.length > 10);
  return response;
}

async function publish() {
  const gateway = makeGateway();
  const response = await gateway.post('/whip/studio', makeOffer('sendonly'));
  assert.equal(response.status, 201, await response.clone().text());
  return { ...gateway, response, url: response.headers.get('location') ?? '' };
}

test('RFC 9725 §4.2: POST of an offer answers 201 with the session, its ETag and ICE servers', async () => {
  const { response, url } = await publish();
  assert.equal(response.headers.get('content-type'), 'application/sdp');
  assert.match(url, /^\/whip\/sessions\/[A-Za-z0-9_-]{32}$/);
  assert.match(response.headers.get('etag') ?? '', /^"[^"]+"$/);
  assert.equal(response.headers.get('accept-patch'), 'application/trickle-ice-sdpfrag');
  assert.equal(
    response.headers.get('link'),
    '<stun:192.0.2.7:3478>; rel="ice-server", ' +
      '<turn:192.0.2.7:3478?transport=udp>; rel="ice-server"; username="1:u\\""; ' +
      'credential="se\\\\cret"; credential-type="password"',
  );
  assert.match(response.headers.get('access-control-expose-headers') ?? '', /Location/);
  const answer = await response.text();
  assert.match(answer, /a=ice-lite/);
  assert.equal(answer.match(/a=recvonly/g)?.length, 2);
});

test('the encoder joins as whip and publishes every sender, simulcast layers named', async () => {
  const { rooms, post } = makeGateway();
  const offer = makeOffer('sendonly', (sdp) =>
    sdp.replace(
      'a=rtpmap:96',
      'a=rid:h send\r\na=rid:l send\r\na=simulcast:send l;h\r\na=rtpmap:96',
    ),
  );
  assert.equal((await post('/whip/studio', offer)).status, 201);
  const { kind, messages } = rooms.last;
  assert.equal(kind, 'whip');
  assert.deepEqual(
    messages.map((message) => message.kind),
    ['join', 'offer', 'publish', 'publish'],
  );
  assert.deepEqual(messages[1], {
    kind: 'offer',
    id: 2,
    sdp: offer,
    fresh: true,
    senders: [
      { mid: '0', source: 'microphone' },
      { mid: '1', source: 'camera' },
    ],
    pairs: [],
  });
  assert.deepEqual(messages[3], {
    kind: 'publish',
    id: 4,
    mid: '1',
    source: 'camera',
    muted: false,
    layers: [{ rid: 'l' }, { rid: 'h' }],
  });
});

test('RFC 9725 §4.3.2: trickled candidates are accepted with 204 and no ETag', async () => {
  const { patch, url, response } = await publish();
  const trickled = await patch(url, FRAGMENT, response.headers.get('etag'));
  assert.equal(trickled.status, 204);
  assert.equal(trickled.headers.get('etag'), null);
});

test('RFC 9725 §4.3.3: a restart answers 200 with new credentials, candidates and a new ETag', async () => {
  const { patch, rooms, url, response } = await publish();
  const before = response.headers.get('etag');
  const restarted = await patch(url, RESTART, '*');
  assert.equal(restarted.status, 200);
  assert.equal(restarted.headers.get('content-type'), 'application/trickle-ice-sdpfrag');
  assert.notEqual(restarted.headers.get('etag'), before);
  assert.deepEqual(rooms.restarts, [{ ufrag: 'anew', pwd: 'p'.repeat(22) }]);
  const fragment = await restarted.text();
  assert.match(
    fragment,
    /a=ice-ufrag:again\r\na=ice-pwd:r{24}\r\na=candidate:1 1 udp .* 192\.0\.2\.7 7000 typ host\r\na=end-of-candidates/,
  );
  await problem(await patch(url, FRAGMENT, before), 412, 'staleIceSession');
  assert.equal((await patch(url, RESTART, restarted.headers.get('etag'))).status, 204);
});

test('RFC 9725 §4.3: PATCH without If-Match is 428, with a stale or wrong one 412', async () => {
  const { patch, url, response } = await publish();
  await problem(await patch(url, FRAGMENT, null), 428, 'preconditionRequired');
  await problem(await patch(url, FRAGMENT, '"other"'), 412, 'staleIceSession');
  await problem(await patch(url, RESTART, response.headers.get('etag')), 412, 'staleIceSession');
});

test('PATCH with another media type is 415, a malformed fragment 400', async () => {
  const { patch, request, url } = await publish();
  const init = { type: 'application/sdp', body: FRAGMENT, headers: { 'if-match': '*' } };
  const response = await problem(await request('PATCH', url, init), 415, 'unsupportedMediaType');
  assert.equal(response.headers.get('accept-patch'), 'application/trickle-ice-sdpfrag');
  await problem(await patch(url, 'a=ice-ufrag:abcd\r\n', '*'), 400, 'missingIce');
});

test('RFC 9725 §4.2: DELETE ends the session with 200 whatever If-Match says; then it is 404', async () => {
  const { request, patch, rooms, url } = await publish();
  const headers = { 'if-match': '"nonsense"' };
  assert.equal((await request('DELETE', url, { headers })).status, 200);
  assert.equal(rooms.last.messages.at(-1)?.kind, 'leave');
  assert.equal(rooms.last.open, false);
  await problem(await request('DELETE', url), 404, 'noSession');
  await problem(await patch(url, FRAGMENT, '*'), 404, 'noSession');
});

test('a session that the room ended is gone', async () => {
  const { request, rooms, url } = await publish();
  rooms.end(rooms.last.id, 'removed');
  await problem(await request('DELETE', url), 404, 'noSession');
});

test('when the media worker is lost the session ends: encoders then come back', async () => {
  const { request, rooms, url } = await publish();
  rooms.last.sink.send({ kind: 'mediaLost', seq: 1, message: 'gone' });
  assert.equal(rooms.last.open, false);
  await problem(await request('DELETE', url), 404, 'noSession');
});

test('a session belongs to the subject and room of its token, and to its protocol', async () => {
  const { request, url } = await publish();
  await problem(await request('DELETE', url, { token: 'other' }), 403, 'forbidden');
  await problem(await request('DELETE', url, { token: 'elsewhere' }), 403, 'forbidden');
  await problem(await request('DELETE', url, { token: '' }), 401, 'unauthorized');
  await problem(await request('DELETE', url.replace('whip', 'whep')), 404, 'noSession');
  assert.equal((await request('DELETE', url)).status, 200);
});

test('RFC 6750 §3: without a token 401 with a plain challenge, with a bad one the error is named', async () => {
  const { post } = makeGateway();
  const offer = makeOffer('sendonly');
  const none = await problem(await post('/whip/studio', offer, { token: '' }), 401, 'unauthorized');
  assert.equal(none.headers.get('www-authenticate'), 'Bearer');
  const bad = await problem(await post('/whip/studio', offer, { token: 'x' }), 401, 'unauthorized');
  assert.equal(bad.headers.get('www-authenticate'), 'Bearer error="invalid_token"');
});

test('a token for another room or without the right to publish is 403', async () => {
  const { post } = makeGateway();
  const offer = makeOffer('sendonly');
  await problem(await post('/whip/studio', offer, { token: 'elsewhere' }), 403, 'forbidden');
  await problem(await post('/whip/studio', offer, { token: 'viewer' }), 403, 'forbidden');
});

test('an offer that is not application/sdp is 415, an answer that is not wanted 406', async () => {
  const { post } = makeGateway();
  const offer = makeOffer('sendonly');
  const type = await problem(
    await post('/whip/studio', offer, { type: 'text/plain' }),
    415,
    'unsupportedMediaType',
  );
  assert.equal(type.headers.get('accept-post'), 'application/sdp');
  const headers = { accept: 'text/html, application/json;q=0.9' };
  await problem(await post('/whip/studio', offer, { headers }), 406, 'notAcceptable');
  const wide = {
    type: 'Application/SDP; charset=utf-8',
    headers: { accept: 'text/html, */*;q=0.1' },
  };
  assert.equal((await post('/whip/studio', offer, wide)).status, 201);
});

test('malformed SDP is 400, SDP that asks for what is not supported 422', async () => {
  const { post, rooms } = makeGateway();
  const send = (edit: (sdp: string) => string) => post('/whip/studio', makeOffer('sendonly', edit));
  await problem(await send(() => 'hello'), 400, 'noMedia');
  await problem(await send((sdp) => sdp.replace('a=mid:1', 'a=mid:0')), 400, 'duplicateMid');
  await problem(await send((sdp) => sdp.replaceAll('a=rtcp-mux', 'a=x')), 422, 'missingRtcpMux');
  await problem(await send((sdp) => sdp.replaceAll('sendonly', 'recvonly')), 422, 'notSending');
  const data = `m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n`;
  await problem(
    await send((sdp) => `${sdp.replace('BUNDLE 0 1', 'BUNDLE 0 1 2')}${data}`),
    422,
    'dataChannel',
  );
  assert.equal(rooms.sessions.size, 0, 'no room hears of such an offer');
});

test('RFC 9725 §4.4: no m-line is refused alone: without a common video codec the whole is 422', async () => {
  const { post, rooms } = makeGateway();
  rooms.videoCodecs = ['av1'];
  await problem(await post('/whip/studio', makeOffer('sendonly')), 422, 'noCommonCodec');
  assert.equal(rooms.last.open, false, 'the seat is left again');
});

test('setup:passive is answered active: encoders in the field offer it', async () => {
  const { post } = makeGateway();
  const offer = makeOffer('sendonly', (sdp) => sdp.replaceAll('actpass', 'passive'));
  assert.match(await (await post('/whip/studio', offer)).text(), /a=setup:active/);
});

test('what the room refuses becomes a status: the seat is left again', async () => {
  const expected = [
    ['join', 'notAllowed', false, 403],
    ['join', 'roomLocked', true, 403],
    ['join', 'roomNotFound', false, 404],
    ['join', 'roomFull', true, 503],
    ['offer', 'badOffer', false, 422],
    ['offer', 'noMediaWorker', true, 503],
    ['publish', 'notAllowed', false, 403],
    ['publish', 'somethingElse', false, 500],
  ] as const;
  for (const [kind, code, retryable, status] of expected) {
    const { post, rooms } = makeGateway();
    rooms.failures.set(kind, signalError(code, retryable));
    const response = await problem(await post('/whip/studio', makeOffer('sendonly')), status, code);
    assert.equal(response.headers.has('retry-after'), status === 503);
    assert.equal(rooms.last.open, false);
  }
});

test('a room that does not answer is 503 after ten seconds, and no timer stays', async () => {
  const { post, rooms, clock } = makeGateway();
  rooms.failures.set('offer', null);
  const response = post('/whip/studio', makeOffer('sendonly'));
  while (rooms.sessions.size === 0 || rooms.last.messages.length < 2) await Promise.resolve();
  clock.advance(10_000);
  await problem(await response, 503, 'timeout');
  assert.equal(clock.timerCount, 0);
});

test('bodies above 64 KiB are 413', async () => {
  const { post } = makeGateway();
  await problem(await post('/whip/studio', 'a'.repeat(65_537)), 413, 'bodyTooLong');
});

test('more than ten attempts at once with one identity are 429, later ones succeed', async () => {
  const { post, clock } = makeGateway();
  const offer = makeOffer('sendonly');
  for (let i = 0; i < 10; i++) assert.equal((await post('/whip/studio', offer)).status, 201);
  const refused = await problem(await post('/whip/studio', offer), 429, 'tooManyAttempts');
  assert.equal(refused.headers.get('retry-after'), '5');
  assert.equal((await post('/whip/studio', offer, { token: 'other' })).status, 201);
  clock.advance(2_000);
  assert.equal((await post('/whip/studio', offer)).status, 201);
});

test('beyond the limit of sessions it is 503 until one ends', async () => {
  const { post, request } = makeGateway({ maxSessions: 1 });
  const offer = makeOffer('sendonly');
  const first = await post('/whip/studio', offer);
  const full = await problem(
    await post('/whip/studio', offer, { token: 'other' }),
    503,
    'tooManySessions',
  );
  assert.equal(full.headers.get('retry-after'), '5');
  await request('DELETE', first.headers.get('location') ?? '');
  assert.equal((await post('/whip/studio', offer, { token: 'other' })).status, 201);
});

test('RFC 9725 §4.5: OPTIONS needs no token and tells what may be posted or patched', async () => {
  const { request, url } = await publish();
  const endpoint = await request('OPTIONS', '/whip/studio', { token: '' });
  assert.equal(endpoint.status, 204);
  assert.equal(endpoint.headers.get('accept-post'), 'application/sdp');
  assert.equal(endpoint.headers.get('access-control-allow-origin'), '*');
  assert.match(
    endpoint.headers.get('access-control-allow-headers') ?? '',
    /Authorization.*If-Match/,
  );
  const session = await request('OPTIONS', url, { token: '' });
  assert.equal(session.headers.get('accept-patch'), 'application/trickle-ice-sdpfrag');
  assert.equal(session.headers.get('allow'), 'PATCH, DELETE, OPTIONS');
});

test('RFC 9725 §4.2: other methods are 405 with Allow', async () => {
  const { request } = makeGateway();
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const response = await problem(await request(method, '/whip/studio'), 405, 'methodNotAllowed');
    assert.equal(response.headers.get('allow'), 'POST, OPTIONS');
  }
  for (const method of ['GET', 'PUT', 'POST']) {
    const response = await problem(
      await request(method, '/whip/sessions/x'),
      405,
      'methodNotAllowed',
    );
    assert.equal(response.headers.get('allow'), 'PATCH, DELETE, OPTIONS');
  }
  assert.equal((await request('HEAD', '/whip/studio')).status, 405);
});

test('a fault of ours is 500 and told to the owner', async () => {
  const faults: string[] = [];
  const { post } = makeGateway({
    verify: async () => {
      throw new Error('broken');
    },
    onFault: ({ message }) => void faults.push(message),
  });
  await problem(await post('/whip/studio', makeOffer('sendonly')), 500, 'fault');
  assert.deepEqual(faults, ['broken']);
});

test('any other path is 404 with a problem', async () => {
  const { request } = makeGateway();
  assert.equal((await request('GET', '/nowhere')).status, 404);
});

test('no order of requests leaves a seat behind that has no session', async () => {
  const step = fc.constantFrom('publish', 'publishAsOther', 'nonsense', 'delete', 'restart', 'end');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { rooms, request, post, patch } = makeGateway();
      const urls: string[] = [];
      const publishAs = async (token: string) => {
        const response = await post('/whip/studio', makeOffer('sendonly'), { token });
        if (response.status === 201) urls.push(response.headers.get('location') ?? '');
      };
      const actions = {
        publish: () => publishAs('obs'),
        publishAsOther: () => publishAs('other'),
        nonsense: () => post('/whip/studio', 'nonsense'),
        delete: () => request('DELETE', urls[0] ?? '/whip/sessions/x'),
        restart: () => patch(urls.at(-1) ?? '/whip/sessions/x', RESTART, '*'),
        end: async () => {
          if (rooms.sessions.size > 0 && rooms.last.open) rooms.end(rooms.last.id, 'removed');
        },
      };
      for (const name of steps) await actions[name]();
      for (const url of urls)
        for (const token of ['obs', 'other']) await request('DELETE', url, { token });
      assert.ok([...rooms.sessions.values()].every(({ open }) => !open));
    }),
    { numRuns: 50 },
  );
});
