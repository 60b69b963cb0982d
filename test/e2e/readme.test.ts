/** The example in the README is a page that runs: two of them see each other. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launchChromium, serveHtml, skipWithoutChromium, TestServer } from '../support/index.ts';
import { fetchToken } from '../support/room-page.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const ADA = { source: 31 };
const BOB = { source: 32 };

test("two pages with the README's example see each other, and one that leaves is gone", {
  skip: skipWithoutChromium,
}, async () => {
  await using server = await TestServer.start();
  await using site = await serveHtml(
    `<!doctype html><meta charset="utf-8"><title>example</title><body><script type="module">${await bundle()}</script>`,
  );
  await using browser = await launchChromium();
  const enter = async (devices: { source: number }, name: string) => {
    const page = await browser.newPage({ devices });
    const token = await fetchToken(server, 'amber-canal-42', name);
    await page.addInitScript(
      `globalThis.example = ${JSON.stringify({ server: server.url, token })}`,
    );
    await page.goto(site.url);
    return page;
  };
  const ada = await enter(ADA, 'Ada');
  const bob = await enter(BOB, 'Bob');
  await bob.waitForSources([ADA.source]);
  await ada.waitForSources([BOB.source]);
  await bob.evaluate('leave()');
  await ada.waitFor('the end of the picture', 10_000, async () =>
    (await ada.videos()).length === 0 ? true : null,
  );
  assert.deepEqual(ada.errors, []);
});

/** The first TypeScript block, with the server's address and token from the page. */
async function bundle(): Promise<string> {
  const example = /```ts\n([\s\S]*?)```/.exec(README)?.[1] ?? '';
  assert.match(example, /from '@switchyard\/client\/simple'/);
  const { outputFiles } = await build({
    stdin: {
      contents: `const { server, token } = globalThis.example;\n${example}\nglobalThis.leave = () => room.leave();`,
      resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
}
