export {
  type ChromiumOptions,
  type FirefoxOptions,
  launchChromium,
  launchFirefox,
  type PageOptions,
  skipWithoutChromium,
  skipWithoutFirefox,
  type TestBrowser,
} from './browsers.ts';
export { type MarkedVideo, writeMarkedY4m, writeTone } from './fake-media.ts';
export { encodeMark, type Mark } from './marks.ts';
export {
  type Area,
  type DeviceOptions,
  type Recording,
  type SeenVideo,
  type StatsEntry,
  TestPage,
} from './page.ts';
export { freeTcpPort, freeUdpPort, type ServerOptions, TestServer } from './server.ts';
export { serveHtml, type TestSite } from './site.ts';
