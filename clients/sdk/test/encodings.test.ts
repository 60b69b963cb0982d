import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialEncodings, planCameraLayers, preferCodecs, toLayers } from '../src/encodings.ts';

test('simulcast layers are q, h, f, lowest first, at a quarter, half and full size', () => {
  const encodings = initialEncodings('camera');
  assert.deepEqual(
    encodings.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]),
    [
      ['q', 4],
      ['h', 2],
      ['f', 1],
    ],
  );
});

test('a small capture has fewer layers: copies of it would be useless', () => {
  const rids = (width: number, height: number) =>
    toLayers(planCameraLayers(width, height)).map(({ rid }) => rid);
  assert.deepEqual(rids(1280, 720), ['q', 'h', 'f']);
  assert.deepEqual(rids(640, 360), ['h', 'f']);
  assert.deepEqual(rids(320, 180), ['f']);
  assert.deepEqual(rids(720, 1280), ['q', 'h', 'f'], 'a phone held upright');
  assert.deepEqual(rids(0, 0), ['q', 'h', 'f'], 'a size that is not known yet');
});

test('720p at 30 fps may take some 1.7 Mbit/s', () => {
  const full = planCameraLayers(1280, 720).at(-1);
  assert.equal(full?.maxBitrateBps, 1_700_000);
});

test('VP8 and Opus come first, RTX stays, what the server never uses goes', () => {
  const types = ['video/AV1', 'video/rtx', 'video/VP8', 'video/red', 'video/VP9'];
  assert.deepEqual(
    preferCodecs(types.map((mimeType) => ({ mimeType }))).map(({ mimeType }) => mimeType),
    ['video/VP8', 'video/rtx', 'video/VP9'],
  );
  assert.equal(
    preferCodecs([{ mimeType: 'audio/PCMU' }, { mimeType: 'audio/opus' }])[0]?.mimeType,
    'audio/opus',
  );
});

test('of H.264 and VP9 only the profiles that everybody decodes are offered', () => {
  const lines = [
    'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f',
    'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
    'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  ];
  const kept = preferCodecs([
    ...lines.map((sdpFmtpLine) => ({ mimeType: 'video/H264', sdpFmtpLine })),
    { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' },
    { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=2' },
  ]);
  assert.deepEqual(
    kept.map(({ sdpFmtpLine }) => sdpFmtpLine),
    [lines[2], 'profile-id=0'],
  );
});
