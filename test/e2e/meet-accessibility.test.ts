/** Automated accessibility checks (axe) of every screen of Meet, in both themes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { launchChromium, skipWithoutChromium, TestServer } from '../support/index.ts';
import { MeetPage } from '../support/meet-page.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

for (const theme of ['dark', 'light'] as const) {
  test(`axe finds nothing on any screen, ${theme}`, { skip: skipWithoutChromium }, async () => {
    await using server = await TestServer.start();
    await using browser = await launchChromium();
    const ada = await MeetPage.open(browser, server, { devices: { source: 51 } });
    const bob = await MeetPage.open(browser, server, { devices: { source: 52 } });
    const { page } = ada;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const found: string[] = [];
    const check = async (screen: string) => {
      found.push(...(await findings(ada, screen)));
    };

    await ada.visit('/');
    await check('landing page');
    await ada.visit('/axe');
    await ada.sees(/The server answers/);
    await check('lobby');
    await ada.test.fill('Your name', 'Ada');
    await ada.test.click('button', 'Join');
    await ada.sees('Nobody else is here yet');
    await check('alone');
    await bob.join('axe', 'Bob');
    await ada.test.waitForSources([51, 52]);
    await bob.test.click('button', 'Microphone');
    await bob.test.click('button', 'Raise hand');
    await check('call');
    await page.keyboard.press('c');
    await ada.test.fill('Message', 'Hello, see https://example.org');
    await page.keyboard.press('Enter');
    await check('chat');
    await page.keyboard.press('Escape');
    await page.keyboard.press('p');
    await ada.sees('Hands, who asked first comes first');
    await check('people');
    await page.keyboard.press('p');
    await page.keyboard.press('g');
    await ada.page.getByRole('table').first().waitFor();
    await check('statistics');
    await page.keyboard.press('g');
    await page.keyboard.press('?');
    await check('shortcuts');
    await page.keyboard.press('Escape');
    await ada.test.click('button', 'More');
    await check('menu');
    await ada.test.click('menuitem', 'Settings');
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
    await check('settings');
    await page.keyboard.press('Escape');
    await ada.test.click('button', 'Leave');
    await ada.sees('You left the call');
    await check('end');
    assert.deepEqual(found, []);
  });
}

/** What axe has to say, one text per rule and screen. */
async function findings({ page }: MeetPage, screen: string): Promise<string[]> {
  // Without legacy mode axe opens a second page, and this one would count as hidden meanwhile.
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode().analyze();
  return violations.map(({ id, help, nodes }) => {
    const targets = nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`);
    return `${screen}: ${id}: ${help}\n    ${targets.join('\n    ')}`;
  });
}
