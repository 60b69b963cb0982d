/** Meet as people use it: by the names, keys and states that assistive technology finds. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  launchChromium,
  skipWithoutChromium,
  type TestBrowser,
  TestServer,
} from '../support/index.ts';
import { MeetPage } from '../support/meet-page.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const ADA = { source: 41, toneHz: 440 };
const BOB = { source: 42, toneHz: 1000 };
const skip = skipWithoutChromium;

let server: TestServer;
let browser: TestBrowser;

before(async () => {
  if (skip) return;
  server = await TestServer.start();
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('two people meet through the lobby, mute, hide, write, leave and come back', {
  skip,
}, async () => {
  const ada = await MeetPage.open(browser, server, { devices: ADA });
  const bob = await MeetPage.open(browser, server, { devices: BOB });
  await ada.join('meet', 'Ada');
  await ada.sees('Nobody else is here yet');
  await bob.join('meet', 'Bob');
  // Both see both: the own picture too.
  await ada.test.waitForSources([ADA.source, BOB.source]);
  await bob.test.waitForSources([ADA.source, BOB.source]);
  const labels = (await ada.test.videos()).map(({ label }) => label).sort();
  assert.deepEqual(labels, ['Ada (you)', 'Bob']);

  await bob.test.click('button', 'Microphone');
  await bob.pressed('Microphone', false);
  await ada.tile('Bob').getByText('Muted').waitFor({ state: 'attached' });
  await bob.test.click('button', 'Camera');
  await bob.pressed('Camera', false);
  await ada.tile('Bob').locator('video').waitFor({ state: 'detached' });
  await bob.test.click('button', 'Camera');
  await ada.test.waitForSources([ADA.source, BOB.source]);

  await ada.button(/^Chat/).click();
  await ada.test.fill('Message', 'Hello Bob, see https://example.org/.');
  await ada.page.keyboard.press('Enter');
  await bob.button(/^Chat, 1 new message/).click();
  await bob.sees('Hello Bob');
  assert.equal(
    await bob.page.getByRole('link', { name: 'https://example.org/' }).getAttribute('href'),
    'https://example.org/',
  );

  await ada.button(/^People/).click();
  const list = ada.page.getByRole('complementary', { name: 'People' });
  await list.getByText('2 people here').waitFor();
  await list.getByText('Bob').waitFor();

  await bob.test.click('button', 'Leave');
  await bob.page.getByRole('heading', { name: 'You left the call' }).waitFor();
  await list.getByText('1 person here').waitFor();
  await bob.test.click('button', 'Rejoin');
  await bob.test.click('button', 'Join');
  await bob.inCall();
  await ada.test.waitForSources([ADA.source, BOB.source]);
  assert.deepEqual([...ada.test.errors, ...bob.test.errors], []);
  await ada.test.close();
  await bob.test.close();
});

test('a shared screen stands large, and the other one is told', { skip }, async () => {
  const ada = await MeetPage.open(browser, server, { devices: ADA });
  const bob = await MeetPage.open(browser, server, { devices: BOB });
  await ada.join('share', 'Ada');
  await bob.join('share', 'Bob');
  await bob.test.click('button', 'Share screen');
  await bob.pressed('Share screen', true);
  await ada.tile('Screen of Bob').waitFor();
  await ada.test.waitForSources([ADA.source, BOB.source, BOB.source + 128]);
  const width = async (name: string) => (await ada.tile(name).boundingBox())?.width ?? 0;
  assert.ok((await width('Screen of Bob')) > 2 * (await width('Bob')));
  await bob.test.click('button', 'Share screen');
  await ada.tile('Screen of Bob').waitFor({ state: 'detached' });
  await ada.test.close();
  await bob.test.close();
});

test('everything goes by keyboard: start, join, mute, write, look up keys, leave', {
  skip,
}, async () => {
  const ada = await MeetPage.open(browser, server, { devices: ADA });
  const { keyboard } = ada.page;
  await ada.visit('/');
  await tabTo(ada, 'New meeting');
  await keyboard.press('Enter');
  await tabTo(ada, 'Your name');
  await keyboard.type('Ada');
  await keyboard.press('Enter');
  await ada.inCall();
  await ada.pressed('Microphone', true);
  await keyboard.press('m');
  await ada.pressed('Microphone', false);
  await keyboard.down(' ');
  await ada.pressed('Microphone', true);
  await keyboard.up(' ');
  await ada.pressed('Microphone', false);
  await keyboard.press('v');
  await ada.pressed('Camera', false);

  await keyboard.press('c');
  await keyboard.type('mvs are letters here');
  await keyboard.press('Enter');
  await ada.page.getByRole('log').getByText('mvs are letters here').waitFor();
  await ada.pressed('Camera', false);
  await keyboard.press('Escape');
  await ada.page.getByRole('complementary').waitFor({ state: 'detached' });

  await keyboard.press('?');
  await ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await keyboard.press('Escape');
  await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
  await keyboard.press('g');
  await ada.page.getByRole('heading', { name: 'Statistics' }).waitFor();

  await keyboard.press('Control+Shift+L');
  await ada.page.getByRole('dialog', { name: 'Leave the call?' }).waitFor();
  await keyboard.press('Enter');
  await ada.page.getByRole('heading', { name: 'You left the call' }).waitFor();
  assert.deepEqual(ada.test.errors, []);
  await ada.test.close();
});

test('a host mutes, locks and removes; who is concerned is told why', { skip }, async () => {
  // Silent: who speaks is listed as such instead.
  const ada = await MeetPage.open(browser, server, { devices: { source: ADA.source } });
  const bob = await MeetPage.open(browser, server, { devices: { source: BOB.source } });
  await ada.join('host', 'Ada');
  await bob.join('host', 'Bob');
  await bob.pressed('Microphone', true);
  await ada.button(/^People/).click();
  const list = ada.page.getByRole('complementary', { name: 'People' });
  const act = async (item: string) => {
    await list.getByRole('button', { name: 'More about Bob' }).click();
    await ada.test.click('menuitem', item);
  };
  await list.getByText('Microphone on').nth(1).waitFor({ state: 'attached' });
  await act('Mute for everyone');
  await bob.pressed('Microphone', false);
  await bob.sees('Ada muted you.');

  await list.getByText('Lock the room').click();
  await ada.page.getByText('Locked').waitFor();
  await act('Remove from the room');
  await bob.page.getByRole('heading', { name: 'You were removed from the call' }).waitFor();
  await ada.test.close();
  await bob.test.close();
});

test('two tabs of one browser are two people', { skip }, async () => {
  const ada = await MeetPage.open(browser, server, { devices: ADA });
  await ada.join('tabs', 'Ada');
  const second = await ada.page.context().newPage();
  await second.goto(`${server.url}/tabs`);
  await second.getByRole('textbox', { name: 'Your name' }).fill('Ada again');
  await second.getByRole('button', { name: 'Join', exact: true }).click();
  await second.getByRole('button', { name: 'Leave' }).waitFor();
  await ada.tile('Ada again').waitFor();
  await ada.test.close();
});

test('a refused camera is explained, and does not keep anybody out', { skip }, async () => {
  const ada = await MeetPage.open(browser, server, {
    initScript: `navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('refused', 'NotAllowedError'));`,
  });
  await ada.visit('/refused');
  await ada.sees('The browser may not use your camera.');
  await ada.sees('The browser may not use your microphone.');
  await ada.sees(/left of the address/);
  await ada.test.fill('Your name', 'Ada');
  await ada.test.click('button', 'Join');
  await ada.inCall();
  await ada.pressed('Camera', false);
  await ada.test.close();
});

test('a lost connection is told with the time that is left, and comes back', { skip }, async () => {
  await using proxy = await startTcpProxy(server.port);
  const url = `http://localhost:${proxy.port}`;
  const ada = await MeetPage.open(browser, server, { devices: ADA, url });
  await ada.join('away', 'Ada');
  proxy.cut();
  await ada.sees('Connection lost. Reconnecting');
  await ada.sees(/kept for another \d+ s/);
  assert.ok(await ada.button('Leave').isEnabled());
  proxy.mend();
  await ada.page.getByText(/kept for another/).waitFor({ state: 'detached' });
  await ada.test.close();
});

test('a server that is away is a sentence in the lobby', { skip }, async () => {
  await using proxy = await startTcpProxy(server.port);
  const url = `http://localhost:${proxy.port}`;
  const ada = await MeetPage.open(browser, server, { devices: ADA, url });
  await ada.visit('/gone');
  await ada.test.fill('Your name', 'Ada');
  proxy.cut();
  await ada.test.click('button', 'Join');
  await ada.sees('The server does not answer.');
  proxy.mend();
  await ada.test.click('button', 'Join');
  await ada.inCall();
  await ada.test.close();
});

test('nothing is loaded from anywhere else, and nothing breaks the content policy', {
  skip,
}, async () => {
  const ada = await MeetPage.open(browser, server, { devices: ADA });
  await ada.visit('/');
  await ada.join('own-origin', 'Ada');
  await ada.button(/^People/).click();
  await ada.sees('1 person here');
  const foreign = ada.requests.filter(
    (url) => !/^(data|blob):/.test(url) && !url.startsWith(server.url),
  );
  assert.deepEqual(foreign, []);
  assert.deepEqual(ada.test.errors, []);
  await ada.test.close();
});

/** Presses Tab until the element with this name or label has the focus. */
async function tabTo({ page }: MeetPage, name: string): Promise<void> {
  for (let presses = 0; presses < 25; presses++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(`(() => {
      const element = document.activeElement;
      const label = element?.labels?.[0]?.textContent ?? '';
      return element?.getAttribute('aria-label') || label || element?.textContent || '';
    })()`);
    if (String(found).trim() === name) return;
  }
  assert.fail(`${name} cannot be reached with Tab`);
}
