import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromMediaError, fromSignalError, knownError, SwitchyardError } from '../src/errors.ts';
import { mediaDevices } from '../src/local-track.ts';

const domError = (name: string) => new DOMException('', name);

test('what browsers throw is named by its reason', () => {
  const code = (name: string, isScreen?: boolean) => fromMediaError(domError(name), isScreen).code;
  assert.equal(code('NotAllowedError'), 'permissionDenied');
  assert.equal(code('NotAllowedError', true), 'screenShareCancelled');
  assert.equal(code('NotFoundError'), 'deviceMissing');
  assert.equal(code('OverconstrainedError'), 'deviceMissing');
  assert.equal(code('NotReadableError'), 'deviceBusy');
  assert.equal(code('SecurityError'), 'insecureOrigin');
  assert.equal(code('TypeError'), 'deviceFailed');
});

test('an error says what to do, where to read on, and keeps its cause', () => {
  const cause = domError('NotReadableError');
  const error = fromMediaError(cause);
  assert.ok(error instanceof SwitchyardError);
  assert.ok(error.fix.length > 0);
  assert.ok(error.docsUrl.endsWith('/device-busy'));
  assert.equal(error.cause, cause);
});

test('errors of the server keep their code and words', () => {
  const error = fromSignalError({
    code: 'roomFull',
    message: 'The room is full.',
    fix: 'Later.',
    retryable: true,
  });
  assert.equal(error.code, 'roomFull');
  assert.equal(error.message, 'The room is full.');
  assert.equal(error.isRetryable, true);
});

test('a page without TLS is told so, not that it has no camera', () => {
  Reflect.set(globalThis, 'isSecureContext', false);
  assert.throws(mediaDevices, { code: 'insecureOrigin' });
  Reflect.deleteProperty(globalThis, 'isSecureContext');
  assert.throws(mediaDevices, { code: 'unsupportedBrowser' });
  assert.equal(knownError('mediaBlocked').isRetryable, true);
});
