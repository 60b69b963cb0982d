/** What tests do with a page, in both browsers: find things as assistive technology does, and share a screen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  launchChromium,
  launchFirefox,
  serveHtml,
  skipWithoutChromium,
  skipWithoutFirefox,
} from '../support/index.ts';

const FORM = `<!doctype html><title>form</title>
<label>Your name <input id="name"></label><button id="join">Join</button><video autoplay muted></video>
<script>
  document.querySelector('#join').onclick = async () => {
    document.title = 'Hello ' + document.querySelector('#name').value;
    document.querySelector('video').srcObject = await navigator.mediaDevices.getDisplayMedia({ video: true });
  };
</script>`;

for (const [launch, skip] of [
  [launchChromium, skipWithoutChromium],
  [launchFirefox, skipWithoutFirefox],
] as const) {
  test(`${launch.name}: text boxes and buttons are found by name, a shared screen has its own mark`, {
    skip,
  }, async () => {
    await using site = await serveHtml(FORM);
    await using browser = await launch();
    const page = await browser.newPage({ devices: { source: 3 } });
    await page.goto(site.url);
    await page.fill('Your name', 'Ada');
    await page.click('button', 'Join');
    await page.waitForSources([3 + 128]);
    assert.equal(await page.evaluate('document.title'), 'Hello Ada');
  });
}
