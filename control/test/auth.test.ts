import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import {
  admissionOf,
  type KeyConfig,
  type KeyRing,
  prepareKeys,
  signToken,
  type TokenContent,
  verifyToken,
} from '../src/auth/index.ts';

const NOW = 1_700_000_000;
const SECRET = 'a secret of at least thirty-two bytes';
const KEY = { id: 'api', secret: new TextEncoder().encode(SECRET) };

async function ring(...configs: KeyConfig[]): Promise<KeyRing> {
  const keys = await prepareKeys(configs);
  assert.ok(keys.ok, JSON.stringify(keys));
  return keys.value;
}

const secretRing = () => ring({ kind: 'secret', id: 'api', secret: SECRET });

/** The refusal's code, or `accepted`. */
async function verdict(token: string, keys: KeyRing, now = NOW): Promise<string> {
  const result = await verifyToken(token, keys, now);
  return result.ok ? 'accepted' : result.error.code;
}

/** Signs any header and payload texts with HS256, whether they make sense or not. */
function forge(header: string, payload: string, secret: Uint8Array = KEY.secret): string {
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const HEADER = '{"alg":"HS256","typ":"JWT"}';
const claims = (extra: object) =>
  JSON.stringify({ iss: 'api', sub: 'ada', exp: NOW + 60, ...extra });

test('what is signed is verified, with the defaults of LiveKit', async () => {
  const content: TokenContent = {
    identity: 'ada',
    name: 'Ada',
    video: { room: 'lab', roomJoin: true, canPublishSources: ['camera', 'screen_share_audio'] },
  };
  const result = await verifyToken(signToken(KEY, content, NOW), await secretRing(), NOW);
  assert.ok(result.ok);
  const { video, name } = result.value;
  assert.equal(name, 'Ada');
  assert.deepEqual(video.canPublishSources, ['camera', 'screenShareAudio']);
  assert.equal(video.canPublish, true);
  assert.equal(video.roomAdmin, false);
  const admission = admissionOf(result.value);
  assert.ok(admission.ok);
  assert.equal(admission.value.room, 'lab');
  assert.equal(admission.value.permissions.canModerate, false);
  assert.equal(admission.value.permissions.canPublishData, true);
});

test('a room admin is a moderator unless the token says otherwise', async () => {
  const video = { room: 'lab', roomJoin: true, roomAdmin: true };
  const keys = await secretRing();
  const admit = async (grant: TokenContent['video']) => {
    const token = signToken(KEY, { identity: 'ada', video: grant }, NOW);
    const result = await verifyToken(token, keys, NOW);
    assert.ok(result.ok);
    const admission = admissionOf(result.value);
    assert.ok(admission.ok);
    return admission.value.permissions.canModerate;
  };
  assert.equal(await admit(video), true);
  assert.equal(await admit({ ...video, canModerate: false }), false);
});

test('a token without identity, or naming a room without roomJoin, admits to nothing', async () => {
  const keys = await secretRing();
  const admit = async (content: TokenContent) => {
    const result = await verifyToken(signToken(KEY, content, NOW), keys, NOW);
    assert.ok(result.ok);
    const admission = admissionOf(result.value);
    return admission.ok ? admission.value.room : admission.error.detail;
  };
  assert.match(String(await admit({ video: { room: 'lab', roomJoin: true } })), /sub/);
  assert.match(String(await admit({ identity: 'a', video: { room: 'lab' } })), /roomJoin/);
  assert.match(String(await admit({ identity: 'a', video: { roomJoin: true } })), /video\.room/);
  assert.equal(await admit({ identity: 'a', video: {} }), null);
});

test('RFC 7519 §4.1: exp and nbf count with 60 s of leeway; exp is required and at most 24 h away', async () => {
  const keys = await secretRing();
  const check = (payload: object) => verdict(forge(HEADER, claims(payload)), keys);
  assert.equal(await check({ exp: NOW - 59 }), 'accepted');
  assert.equal(await check({ exp: NOW - 60 }), 'tokenExpired');
  assert.equal(await check({ exp: undefined }), 'tokenClaims');
  assert.equal(await check({ exp: NOW + 86_400 }), 'accepted');
  assert.equal(await check({ exp: NOW + 86_500 }), 'tokenLivesTooLong');
  assert.equal(await check({ nbf: NOW + 60 }), 'accepted');
  assert.equal(await check({ nbf: NOW + 61 }), 'tokenNotYetValid');
});

test('RFC 8725 §3.1: the algorithm comes from the key, never from the header', async () => {
  const keys = await secretRing();
  const none = forge('{"alg":"none"}', claims({})).replace(/[^.]+$/, '');
  assert.equal(await verdict(none, keys), 'tokenAlgorithm');
  assert.equal(await verdict(forge('{"alg":"HS512"}', claims({})), keys), 'tokenAlgorithm');
  assert.equal(await verdict(forge('{"typ":"JWT"}', claims({})), keys), 'tokenAlgorithm');
});

test('a public key is never taken for an HMAC secret', async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const keys = await ring({ kind: 'jwks', issuer: 'idp', keys: [{ ...jwk, kid: '1' }] });
  const secret = new TextEncoder().encode(JSON.stringify(jwk));
  const token = forge('{"alg":"HS256","kid":"1"}', claims({ iss: 'idp' }), secret);
  assert.equal(await verdict(token, keys), 'tokenAlgorithm');
});

for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
  test(`${algorithm} tokens of an identity provider are verified by kid, issuer and audience`, async () => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const other = await generateKeyPair(algorithm, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one' };
    const second = { ...(await exportJWK(other.publicKey)), kid: 'two' };
    const keys = await ring({
      kind: 'jwks',
      issuer: 'https://idp.example',
      audience: 'switchyard',
      keys: [jwk, second],
    });
    const sign = (kid: string | undefined, audience: string | string[]) =>
      new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: algorithm, ...(kid === undefined ? {} : { kid }) })
        .setIssuer('https://idp.example')
        .setAudience(audience)
        .setExpirationTime(NOW + 60)
        .sign(privateKey);
    assert.equal(await verdict(await sign('one', 'switchyard'), keys), 'accepted');
    assert.equal(await verdict(await sign('one', ['x', 'switchyard']), keys), 'accepted');
    assert.equal(await verdict(await sign('two', 'switchyard'), keys), 'tokenSignature');
    assert.equal(await verdict(await sign('three', 'switchyard'), keys), 'tokenUnknownKey');
    assert.equal(await verdict(await sign(undefined, 'switchyard'), keys), 'tokenUnknownKey');
    assert.equal(await verdict(await sign('one', 'other'), keys), 'tokenAudience');
  });
}

test('forged, foreign and malformed tokens are refused with the reason', async () => {
  const keys = await secretRing();
  const good = forge(HEADER, claims({}));
  assert.equal(await verdict('', keys), 'tokenMissing');
  assert.equal(await verdict('x'.repeat(8193), keys), 'tokenTooLong');
  assert.equal(await verdict('a.b', keys), 'tokenMalformed');
  assert.equal(await verdict(forge('[]', claims({})), keys), 'tokenMalformed');
  assert.equal(await verdict(forge(HEADER, '"x"'), keys), 'tokenMalformed');
  assert.equal(
    await verdict(forge('{"alg":"HS256","crit":["x"]}', claims({})), keys),
    'tokenMalformed',
  );
  assert.equal(await verdict(forge(HEADER, claims({ iss: 'other' })), keys), 'tokenUnknownKey');
  assert.equal(await verdict(forge(HEADER, '{"sub":"a"}'), keys), 'tokenClaims');
  const tampered = `${good.slice(0, -2)}${good.endsWith('AA') ? 'BB' : 'AA'}`;
  assert.equal(await verdict(tampered, keys), 'tokenSignature');
});

test('RFC 8725 §2.4: duplicate members are refused at any depth', async () => {
  const keys = await secretRing();
  const twice = `{"iss":"api","exp":${NOW + 60},"sub":"ada","sub":"eve"}`;
  assert.equal(await verdict(forge(HEADER, twice), keys), 'tokenMalformed');
  const nested = `{"iss":"api","exp":${NOW + 60},"video":{"room":"a","r\\u006fom":"b"}}`;
  assert.equal(await verdict(forge(HEADER, nested), keys), 'tokenMalformed');
  const harmless = `{"iss":"api","exp":${NOW + 60},"name":"a\\":{\\"a","attributes":{"name":"x"}}`;
  assert.equal(await verdict(forge(HEADER, harmless), keys), 'accepted');
});

test('claims of the wrong type are refused by their path', async () => {
  const result = await verifyToken(
    forge(HEADER, claims({ video: { canPublish: 'yes' } })),
    await secretRing(),
    NOW,
  );
  assert.ok(!result.ok);
  assert.match(result.error.detail, /video\.canPublish/);
});

test('RFC 7518 §3.2, §3.3: short secrets, weak RSA keys, private and unknown keys are not configured', async () => {
  const code = async (config: KeyConfig) => {
    const keys = await prepareKeys([config]);
    return keys.ok ? 'accepted' : keys.error.code;
  };
  assert.equal(await code({ kind: 'secret', id: 'a', secret: 'x'.repeat(31) }), 'secretTooShort');
  const jwks = (key: JWK) => code({ kind: 'jwks', issuer: 'i', keys: [key] });
  assert.equal(await jwks({ kty: 'RSA', n: 'A'.repeat(171), e: 'AQAB' }), 'badPublicKey');
  assert.equal(await jwks({ kty: 'oct', k: 'AAAA' }), 'badPublicKey');
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  assert.equal(await jwks(await exportJWK(privateKey)), 'badPublicKey');
  assert.equal(await jwks({ ...(await exportJWK(publicKey)), alg: 'HS256' }), 'badPublicKey');
  const twice = { kind: 'secret', id: 'a', secret: SECRET } as const;
  const keys = await prepareKeys([twice, twice]);
  assert.deepEqual(keys, { ok: false, error: { code: 'duplicateKey', id: 'a' } });
});

test('no text makes the verifier reject or throw', async () => {
  const keys = await secretRing();
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), fc.json(), async (a, b, c) => {
      await verifyToken(a, keys, NOW);
      await verifyToken(forge(b, c), keys, NOW);
      await verifyToken(forge(HEADER, c), keys, NOW);
    }),
  );
});
