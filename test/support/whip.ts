import { fetchToken } from './room-page.ts';
import type { TestServer } from './server.ts';

/** A running WHIP or WHEP session of a peer that is no browser. */
export interface HttpSession {
  readonly answer: string;
  /** Ends it as its client: DELETE. Resolves with the status. */
  close(): Promise<number>;
}

/** Posts an offer to `/whip/room` or `/whep/room` with a fresh token. */
export async function postOffer(
  server: TestServer,
  way: 'whip' | 'whep',
  room: string,
  name: string,
  sdp: string,
): Promise<HttpSession> {
  const authorization = `Bearer ${await fetchToken(server, room, name)}`;
  const response = await server.fetch(`/${way}/${room}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/sdp' },
    body: sdp,
  });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`${way}: ${response.status} ${answer}`);
  const { pathname } = new URL(response.headers.get('location') ?? '', server.url);
  return {
    answer,
    close: async () => {
      const ended = await server.fetch(pathname, { method: 'DELETE', headers: { authorization } });
      return ended.status;
    },
  };
}
