import type { Page } from 'playwright-core';
import type { TestBrowser } from './browsers.ts';
import type { DeviceOptions, TestPage } from './page.ts';
import type { TestServer } from './server.ts';

export interface MeetOptions {
  readonly devices?: DeviceOptions | null;
  /** Default: the server's own URL. */
  readonly url?: string;
  /** Runs in the page before its own scripts. */
  readonly initScript?: string;
}

/** Somebody who uses Meet in Chromium, by the names that assistive technology finds. */
export class MeetPage {
  readonly test: TestPage;
  readonly page: Page;
  /** Every address that the page asked for. */
  readonly requests: string[] = [];
  readonly #url: string;

  private constructor(test: TestPage, page: Page, url: string) {
    this.test = test;
    this.page = page;
    this.#url = url;
    page.on('request', (request) => this.requests.push(request.url()));
  }

  static async open(
    browser: TestBrowser,
    server: TestServer,
    options: MeetOptions = {},
  ): Promise<MeetPage> {
    const test = await browser.newPage({ devices: options.devices ?? null });
    if (!test.chromium) throw new Error('Meet is driven in Chromium');
    if (options.initScript) await test.addInitScript(options.initScript);
    return new MeetPage(test, test.chromium, options.url ?? server.url);
  }

  async visit(path: string): Promise<void> {
    await this.test.goto(this.#url + path);
  }

  /** From the lobby into the call. */
  async join(room: string, name: string): Promise<void> {
    await this.visit(`/${room}`);
    await this.test.fill('Your name', name);
    await this.test.click('button', 'Join');
    await this.inCall();
  }

  async inCall(): Promise<void> {
    await this.button('Leave').waitFor();
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The tile of a person, or of a shared screen. */
  tile(name: string) {
    return this.page
      .getByRole('region', { name: 'Stage' })
      .getByRole('article', { name, exact: true });
  }

  /** Waits until a toggle button is pressed, or not. */
  async pressed(name: string, isPressed: boolean): Promise<void> {
    await this.page.getByRole('button', { name, exact: true, pressed: isPressed }).waitFor();
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }
}
