import { createServer } from 'node:http';

/** A page on localhost (so a secure context) for tests that need no server of ours. */
export interface TestSite extends AsyncDisposable {
  readonly url: string;
}

/** Serves one HTML document at every path. */
export async function serveHtml(html: string): Promise<TestSite> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://localhost:${port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
