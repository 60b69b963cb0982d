import type { IceServer } from '@switchyard/control/rooms';

/** What pages of other origins may use. Tokens travel in a header, never in cookies, so any origin may. */
export const CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After, WWW-Authenticate',
};

export const PREFLIGHT: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'POST, PATCH, DELETE, HEAD, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
  'access-control-max-age': '86400',
};

/** The media type of a `Content-Type` header, without parameters, lower case. */
export const mediaType = (header: string | undefined): string =>
  header?.split(';')[0]?.trim().toLowerCase() ?? '';

/** Whether an `Accept` header, if any, takes `application/sdp`. RFC 9110 §12.5.1. */
export function acceptsSdp(header: string | undefined): boolean {
  if (header === undefined || header.trim() === '') return true;
  return header.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return false;
    return type === '*/*' || type === 'application/*' || type === 'application/sdp';
  });
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1); null without one. */
export const bearerToken = (header: string | undefined): string | null =>
  /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header ?? '')?.[1] ?? null;

/** Entity tags of an `If-Match` header; `*` stands as it is. RFC 9110 §13.1.1. */
export const entityTags = (header: string): readonly string[] =>
  header.split(',').map((tag) => tag.trim());

/** `Link` values, one for each URL. RFC 9725 §4.6, RFC 8288. */
export const iceServerLinks = (servers: readonly IceServer[]): string[] =>
  servers.flatMap(({ urls, username, credential }) =>
    urls
      // What could end the URI reference or the line stays out; our configuration has no such URL.
      .filter((url) => /^[\x21-\x7e]+$/.test(url) && !/[<>"]/.test(url))
      .map((url) =>
        [
          `<${url}>`,
          'rel="ice-server"',
          ...(username === undefined ? [] : [`username=${quote(username)}`]),
          ...(credential === undefined
            ? []
            : [`credential=${quote(credential)}`, 'credential-type="password"']),
        ].join('; '),
      ),
  );

/** A quoted-string (RFC 9110 §5.6.4); characters that no header may carry are left out. */
const quote = (value: string): string =>
  `"${value.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`;
