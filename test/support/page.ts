import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page as ChromiumPage } from 'playwright-core';
import type { Page as FirefoxPage } from 'puppeteer-core';
import type { Mark } from './marks.ts';

/** What both browser drivers can do; the expression may be a promise. */
export interface Driver {
  goto(url: string): Promise<void>;
  evaluate(expression: string): Promise<unknown>;
  /** Runs before the page's own scripts, in every document. */
  addInitScript(script: string): Promise<void>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Camera, screen and microphone that a page's `getUserMedia` gives. */
export interface DeviceOptions {
  /** The mark's source on the camera picture, 0 to 255; the shared screen has this plus 128. */
  readonly source: number;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** Sine of the microphone, amplitude 0.5. Chromium only; Firefox has its own sine of `firefoxToneHz`. */
  readonly toneHz?: number;
}

/** A video element that has a picture. */
export interface SeenVideo {
  /** Position among the page's video elements; can stand for a selector. */
  readonly index: number;
  /** The `aria-label` of the element or of what it stands in: the tile's name. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly mark: Mark | null;
}

export interface Recording {
  readonly frames: readonly (Mark & { readonly atMs: number })[];
  /** Frames without a readable mark. */
  readonly damaged: number;
  /** In the order of their first appearance. */
  readonly sources: readonly number[];
  /** Longest time without a readable frame, up to the end of the recording. */
  readonly longestGapMs: number;
}

export type StatsEntry = Readonly<Record<string, unknown>> & {
  readonly type: string;
  /** Which RTCPeerConnection of the page, in order of creation. */
  readonly peer: number;
};

/** Fractions of a picture: left, top, width, height. For the tiles of a mixed picture. */
export type Area = readonly [x: number, y: number, width: number, height: number];

const MEDIA_SCRIPT = readFileSync(new URL('./page/media.js', import.meta.url), 'utf8');
const POLL_MS = 100;

/** One page in one of the browsers, with eyes and ears for marked media. */
export class TestPage {
  readonly #driver: Driver;
  /** Console errors and uncaught exceptions of the page, newest last. */
  readonly errors: string[];
  /** The driver's own page, for locators: Playwright's in Chromium, Puppeteer's in Firefox. */
  readonly chromium: ChromiumPage | null;
  readonly firefox: FirefoxPage | null;

  constructor(
    driver: Driver,
    errors: string[],
    native: { chromium?: ChromiumPage; firefox?: FirefoxPage },
  ) {
    this.#driver = driver;
    this.errors = errors;
    this.chromium = native.chromium ?? null;
    this.firefox = native.firefox ?? null;
  }

  /** Puts the eyes and ears into every document of the page; with devices also camera and microphone. */
  async prepare(devices: DeviceOptions | null): Promise<void> {
    await this.#driver.addInitScript(MEDIA_SCRIPT);
    if (!devices) return;
    const { source, width = 320, height = 180, fps = 15 } = devices;
    const options = {
      source,
      screenSource: (source + 128) & 0xff,
      width,
      height,
      fps,
      // An AudioContext does not run in a Firefox without a sound server.
      toneHz: this.firefox ? 0 : (devices.toneHz ?? 0),
    };
    await this.#driver.addInitScript(
      `navigator.mediaDevices && switchyardTest.fakeDevices(${JSON.stringify(options)});`,
    );
  }

  /** Runs before the page's own scripts, in every document from now on. */
  addInitScript(script: string): Promise<void> {
    return this.#driver.addInitScript(script);
  }

  goto(url: string): Promise<void> {
    return this.#driver.goto(url);
  }

  /** Evaluates an expression in the page; promises are awaited. The caller knows the type of what it asked for. */
  async evaluate<T>(expression: string): Promise<T> {
    return (await this.#driver.evaluate(expression)) as T;
  }

  /** The mark on a video right now; null when there is none. */
  readMark(selector: string | number, area?: Area): Promise<Mark | null> {
    return this.#call('readMark', selector, area);
  }

  videos(): Promise<SeenVideo[]> {
    return this.#call('videos');
  }

  /** Notes the mark of every frame that a video shows from now on, until `endRecording` with the same name. */
  startRecording(name: string, selector: string | number): Promise<void> {
    return this.#call('record', name, selector);
  }

  endRecording(name: string): Promise<Recording> {
    return this.#call('recorded', name);
  }

  /** Statistics of all RTCPeerConnections of the page, of one type ("inbound-rtp") or all. */
  stats(type?: string): Promise<StatsEntry[]> {
    return this.#call('stats', type);
  }

  /** Amplitude of each frequency in the sum of all remote audio tracks. Chromium only. */
  tones(frequenciesHz: readonly number[], durationMs = 500): Promise<number[]> {
    return this.#call('tones', frequenciesHz, durationMs);
  }

  /**
   * Mean level of each remote audio stream, from getStats: in any browser. A sine of 0.5 gives 0.3 to 0.5, depending on
   * the browser's measure. In Chromium it is the level that is played: 0 while every element is muted.
   */
  audioEnergy(durationMs = 1_000): Promise<number[]> {
    return this.#call('audioEnergy', durationMs);
  }

  /** Waits until so many different sources (or exactly these) are seen in moving pictures. */
  async waitForSources(sources: readonly number[], timeoutMs = 20_000): Promise<SeenVideo[]> {
    const wanted = [...sources].sort((a, b) => a - b);
    const first = new Map<number, number>();
    const moving = new Set<number>();
    return this.waitFor(`moving pictures of sources ${wanted.join(', ')}`, timeoutMs, async () => {
      const seen = await this.videos();
      for (const { mark } of seen) {
        if (!mark) continue;
        if (!first.has(mark.source)) first.set(mark.source, mark.frame);
        if (first.get(mark.source) !== mark.frame) moving.add(mark.source);
      }
      return wanted.every((source) => moving.has(source)) ? seen : null;
    });
  }

  /** Waits until a tone is heard at least so loud (amplitude; 0.5 is sent). Chromium only. */
  async waitForTone(frequencyHz: number, atLeast = 0.1, timeoutMs = 20_000): Promise<number> {
    return this.waitFor(`a tone of ${frequencyHz} Hz`, timeoutMs, async () => {
      const [level = 0] = await this.tones([frequencyHz], 300);
      return level >= atLeast ? level : null;
    });
  }

  /** Polls until the attempt gives something; fails with the page's state when time runs out. */
  async waitFor<T>(what: string, timeoutMs: number, attempt: () => Promise<T | null>): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const result = await attempt();
      if (result !== null) return result;
      if (performance.now() > end) {
        const seen = JSON.stringify(await this.videos());
        assert.fail(
          `no ${what} within ${timeoutMs} ms; videos: ${seen}; errors: ${this.errors.slice(-5).join(' | ')}`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  /** Clicks what assistive technology finds under this role and name. */
  async click(
    role: 'button' | 'link' | 'switch' | 'tab' | 'menuitem',
    name: string,
  ): Promise<void> {
    if (this.chromium) await this.chromium.getByRole(role, { name, exact: true }).click();
    else await this.firefox?.locator(`aria/${name}[role="${role}"]`).click();
  }

  /** Writes into the text box with this name. */
  async fill(name: string, text: string): Promise<void> {
    if (this.chromium) await this.chromium.getByRole('textbox', { name, exact: true }).fill(text);
    else await this.firefox?.locator(`aria/${name}[role="textbox"]`).fill(text);
  }

  screenshot(path: string): Promise<void> {
    return this.#driver.screenshot(path);
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  #call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    const list = args
      .map((arg) => (arg === undefined ? 'undefined' : JSON.stringify(arg)))
      .join(', ');
    return this.evaluate<T>(`switchyardTest.${name}(${list})`);
  }
}
