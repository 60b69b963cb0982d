import { createHmac } from 'node:crypto';
import type { IceServer } from '@switchyard/control/rooms';
import type { Config } from '../config/index.ts';

/** Credentials made from a shared secret are valid so long, s. */
const CREDENTIAL_SECONDS = 12 * 3600;

/**
 * The configured STUN and TURN servers for one participant. With a shared secret the credentials are his
 * own and end (draft-uberti-behave-turn-rest-00 §2.2): `<end>:<identity>`, signed with HMAC-SHA1.
 */
export function iceServersFor(
  servers: Config['rtc']['iceServers'],
  identity: string,
  nowMs: number,
): IceServer[] {
  return servers.map(({ urls, username, credential, secret }) => {
    if (secret === undefined)
      return {
        urls,
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { credential }),
      };
    const name = `${Math.floor(nowMs / 1000) + CREDENTIAL_SECONDS}:${identity}`;
    const password = createHmac('sha1', secret).update(name).digest('base64');
    return { urls, username: name, credential: password };
  });
}
