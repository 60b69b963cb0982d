import { createServer, type Server } from 'node:http';

/** RFC 9110 §7.2: a host, as a name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. */
const HOST = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Tells whoever speaks plain HTTP to come back with TLS on the same port. */
export function createRedirectServer(): Server {
  return createServer({ maxHeaderSize: 8192 }, (request, response) => {
    const { host = '' } = request.headers;
    const path = request.url ?? '/';
    if (!HOST.test(host) || !path.startsWith('/')) response.writeHead(400, { connection: 'close' });
    else response.writeHead(308, { connection: 'close', location: `https://${host}${path}` });
    response.end();
  }).on('upgrade', (_, socket) => socket.destroy());
}
