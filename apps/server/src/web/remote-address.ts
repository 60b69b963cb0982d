import type { IncomingMessage } from 'node:http';
import { parseIp, printIp } from '@switchyard/core/base';
import { remoteOf } from '@switchyard/runtime/net';

/**
 * The address that a request comes from. Behind a proxy it is the last one in `X-Forwarded-For`: the proxy
 * wrote that, while those before it are the client's word.
 */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = request.headers['x-forwarded-for'];
  const last = trustProxy && forwarded !== undefined ? String(forwarded).split(',').at(-1) : null;
  const ip = last == null ? null : parseIp(last.trim());
  if (ip !== null) return printIp(ip);
  const remote = remoteOf(request.socket);
  return remote === null ? '' : printIp(remote.ip);
}
