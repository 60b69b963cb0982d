import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { type DeviceOptions, type Driver, TestPage } from './page.ts';

export interface ChromiumOptions {
  /** .y4m or .mjpeg for the camera; without it pages bring their own by `devices`. */
  readonly videoFile?: string;
  /** .wav for the microphone, looped. */
  readonly audioFile?: string;
  readonly args?: readonly string[];
}

export interface FirefoxOptions {
  /** Sine of the fake microphone; the same for all pages of this browser. Default 700. */
  readonly toneHz?: number;
  readonly prefs?: Readonly<Record<string, boolean | number | string>>;
}

export interface PageOptions {
  /** Null: the browser's own fake devices (for Chromium those of the files). */
  readonly devices?: DeviceOptions | null;
}

/** A running browser; every page has its own profile. `await using` closes it. */
export interface TestBrowser extends AsyncDisposable {
  readonly name: 'chromium' | 'firefox';
  newPage(options?: PageOptions): Promise<TestPage>;
  close(): Promise<void>;
}

const CHROMIUM = findProgram(process.env['SY_TEST_CHROMIUM'], [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]);
const FIREFOX = findProgram(process.env['SY_TEST_FIREFOX'], [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
]);

/** For a test's `skip` option: false, or why it cannot run here. */
export const skipWithoutChromium = CHROMIUM ? false : 'chromium is not installed';
export const skipWithoutFirefox = FIREFOX ? false : 'firefox-esr is not installed';

function findProgram(chosen: string | undefined, usual: readonly string[]): string | null {
  return [...(chosen ? [chosen] : []), ...usual].find((path) => existsSync(path)) ?? null;
}

/** Headless Chromium that talks over loopback, grants camera and microphone and plays without a click. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<TestBrowser> {
  if (!CHROMIUM) throw new Error(`${skipWithoutChromium}`);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream=fps=30',
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(options.videoFile ? [`--use-file-for-fake-video-capture=${options.videoFile}`] : []),
      ...(options.audioFile ? [`--use-file-for-fake-audio-capture=${options.audioFile}`] : []),
      ...(options.args ?? []),
    ],
  });
  const close = () => browser.close();
  return {
    name: 'chromium',
    close,
    [Symbol.asyncDispose]: close,
    newPage: async ({ devices = null } = {}) => {
      const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        permissions: ['camera', 'microphone'],
      });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      const driver: Driver = {
        goto: async (url) => void (await page.goto(url)),
        evaluate: (expression) => page.evaluate(expression),
        addInitScript: (script) => page.addInitScript(script).then(() => undefined),
        screenshot: async (path) => void (await page.screenshot({ path })),
        close: () => context.close(),
      };
      const test = new TestPage(driver, errors, { chromium: page });
      await test.prepare(devices);
      return test;
    },
  };
}

/** Headless Firefox over WebDriver BiDi (Playwright cannot drive a distribution's Firefox). */
export async function launchFirefox(options: FirefoxOptions = {}): Promise<TestBrowser> {
  if (!FIREFOX) throw new Error(`${skipWithoutFirefox}`);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    acceptInsecureCerts: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.navigator.audio.fake_frequency': options.toneHz ?? 700,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'media.peerconnection.ice.loopback': true,
      'media.devices.insecure.enabled': true,
      'media.gmp-manager.updateEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'app.normandy.enabled': false,
      'toolkit.telemetry.enabled': false,
      ...options.prefs,
    },
  });
  const close = () => browser.close();
  return {
    name: 'firefox',
    close,
    [Symbol.asyncDispose]: close,
    newPage: async ({ devices = null } = {}) => {
      const context = await browser.createBrowserContext();
      // In a tab behind another one a page counts as hidden: nothing is shown and nothing is received.
      const page = await context.newPage({ type: 'window' });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      const driver: Driver = {
        goto: async (url) => void (await page.goto(url)),
        evaluate: (expression) => page.evaluate(expression),
        addInitScript: async (script) => void (await page.evaluateOnNewDocument(script)),
        screenshot: async (path) => void (await page.screenshot({ path: withExtension(path) })),
        close: () => context.close(),
      };
      const test = new TestPage(driver, errors, { firefox: page });
      await test.prepare(devices);
      return test;
    },
  };
}

/** Puppeteer's type wants to see the picture's format in the name. */
function withExtension(path: string): `${string}.png` {
  return `${path.replace(/\.png$/, '')}.png`;
}
