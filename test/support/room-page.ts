import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import {
  type ChromiumOptions,
  launchChromium,
  type PageOptions,
  type TestBrowser,
} from './browsers.ts';
import type { TestPage } from './page.ts';
import { type ServerOptions, TestServer } from './server.ts';
import { serveHtml, type TestSite } from './site.ts';

export interface GuestOptions {
  /** Shown to the others; the label of his pictures is `name/source`. */
  readonly name: string;
  readonly room?: string;
  readonly devices?: PageOptions['devices'];
  /** Both default to true. */
  readonly camera?: boolean;
  readonly microphone?: boolean;
  /** CSS pixels of the elements that show others. Default 320 x 180. */
  readonly shown?: { readonly width: number; readonly height: number };
  /** Where the page looks for the server. Default: the server's own URL. */
  readonly url?: string;
  /** Runs in the page before its own scripts. */
  readonly initScript?: string;
}

export interface RoomEvent {
  readonly kind: string;
  readonly detail: string;
  /** `performance.now()` of the page. */
  readonly at: number;
}

/** A page on localhost with our SDK on it, bundled from its source. */
export async function serveRoomPage(): Promise<TestSite> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('page/room.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
  });
  const script = bundle.outputFiles[0]?.text.replaceAll('</script', '<\\/script') ?? '';
  return serveHtml(
    `<!doctype html><meta charset="utf-8"><title>room</title><body><script>${script}</script>`,
  );
}

/** Asks a server in development mode for a token. */
export async function fetchToken(server: TestServer, room: string, name: string): Promise<string> {
  const response = await server.fetch('/api/v1/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ room, name }),
  });
  const body = (await response.json()) as { token?: string };
  if (!body.token) throw new Error(`no token: ${response.status} ${JSON.stringify(body)}`);
  return body.token;
}

/** A server, the page and a browser, for the tests of a file that all happen in rooms of their own. */
export class Venue implements AsyncDisposable {
  readonly server: TestServer;
  readonly site: TestSite;
  readonly browser: TestBrowser;

  private constructor(server: TestServer, site: TestSite, browser: TestBrowser) {
    this.server = server;
    this.site = site;
    this.browser = browser;
  }

  static async open(options: ServerOptions & { chromium?: ChromiumOptions } = {}): Promise<Venue> {
    const [site, server] = await Promise.all([serveRoomPage(), TestServer.start(options)]);
    return new Venue(server, site, await launchChromium(options.chromium));
  }

  enter(options: GuestOptions): Promise<Guest> {
    return Guest.enter(this.browser, this.server, this.site, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await this.site[Symbol.asyncDispose]();
  }
}

/** Somebody in a room: a browser's page that joined through the SDK. */
export class Guest {
  readonly page: TestPage;
  readonly name: string;
  readonly #join: string;

  private constructor(page: TestPage, name: string, join: string) {
    this.page = page;
    this.name = name;
    this.#join = join;
  }

  /** Opens a page and joins; resolves when camera and microphone are published. */
  static async enter(
    browser: TestBrowser,
    server: TestServer,
    site: TestSite,
    options: GuestOptions,
  ): Promise<Guest> {
    const { name, room = 'e2e', shown = { width: 320, height: 180 }, url = server.url } = options;
    const page = await browser.newPage({ devices: options.devices ?? null });
    if (options.initScript) await page.addInitScript(options.initScript);
    await page.goto(site.url);
    const settings = {
      url,
      token: await fetchToken(server, room, name),
      camera: options.camera ?? true,
      microphone: options.microphone ?? true,
      ...shown,
    };
    const guest = new Guest(page, name, `conference.join(${JSON.stringify(settings)})`);
    await guest.join();
    return guest;
  }

  /** Joins once more under the same identity, after the room was left or the page was loaded anew. */
  join(): Promise<void> {
    return this.page.evaluate(this.#join);
  }

  /** Evaluates an expression in which `room` and `me` stand for the room and the local participant. */
  do<T = void>(expression: string): Promise<T> {
    return this.page.evaluate<T>(
      `(async ({ room }) => { const me = room.localParticipant; return (${expression}); })(conference)`,
    );
  }

  events(): Promise<RoomEvent[]> {
    return this.page.evaluate('conference.events');
  }

  /** Waits for an event, whose detail contains the text. */
  waitForEvent(kind: string, detail = '', timeoutMs = 20_000): Promise<RoomEvent> {
    return this.page.waitFor(`event ${kind} ${detail}`, timeoutMs, async () => {
      const events = await this.events();
      return events.find((one) => one.kind === kind && one.detail.includes(detail)) ?? null;
    });
  }

  /** Waits until a tone is not heard any more. Chromium only. */
  waitForSilence(frequencyHz: number): Promise<number> {
    return this.page.waitFor(`end of the ${frequencyHz} Hz`, 10_000, async () => {
      const [level = 1] = await this.page.tones([frequencyHz]);
      return level < 0.02 ? level : null;
    });
  }

  /** The video element that shows a track, as a selector. */
  pictureOf(name: string, source = 'camera'): string {
    return `video[aria-label="${name}/${source}"]`;
  }

  /** Names of the others, as this page knows them. */
  others(): Promise<string[]> {
    return this.do('[...room.remoteParticipants.values()].map((one) => one.name)');
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
