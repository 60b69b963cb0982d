import { setTimeout as wait } from 'node:timers/promises';
import { Metrics, type SwitchboardHost } from '@switchyard/control/api';
import { err, type Log, ok, type Result } from '@switchyard/core/base';
import { logRoomEvent } from './composition/event-log.ts';
import { createFront, type Front } from './composition/front.ts';
import { ServerKeys } from './composition/keys.ts';
import { chooseSockets, Media } from './composition/media.ts';
import { createRooms } from './composition/rooms.ts';
import { describeServer, type ServerInfo } from './composition/server-info.ts';
import { tlsIdentity } from './composition/tls.ts';
import type { Config } from './config/index.ts';
import { mediaAddresses, systemAddresses } from './network/addresses.ts';
import { DataFolder } from './secrets/data-folder.ts';
import { describePortProblem, type StartProblem } from './start-problem.ts';

/** How often it is looked whether the certificate ends soon, or this machine has new addresses. */
const CERTIFICATE_CHECK_MS = 3_600_000;

/** The parts of a running server, in the order in which they are closed. */
interface Parts {
  readonly front: Front;
  readonly rooms: SwitchboardHost;
  readonly media: Media;
  readonly keys: ServerKeys;
}

/** A running server: everything joined together, and taken apart again in order. */
export class SwitchyardServer {
  readonly info: ServerInfo;
  readonly #config: Config;
  readonly #parts: Parts;
  readonly #renewal: NodeJS.Timeout;

  private constructor(config: Config, parts: Parts, info: ServerInfo, renew: () => void) {
    this.info = info;
    this.#config = config;
    this.#parts = parts;
    this.#renewal = setInterval(renew, CERTIFICATE_CHECK_MS);
  }

  /** Opens the ports and starts the workers; resolves when clients can come. What is wrong is told, and nothing stays open then. */
  static async start(config: Config, log: Log): Promise<Result<SwitchyardServer, StartProblem>> {
    const folder = openFolder(config);
    if (!folder.ok) return folder;
    const identity = tlsIdentity(config, folder.value, systemAddresses());
    if (!identity.ok) return identity;

    const [keys, sockets] = await Promise.all([
      ServerKeys.load(config, folder.value, log),
      chooseSockets(config, log),
    ]);
    const isDevelopment = keys.development !== null;
    const addresses = mediaAddresses(config.rtc.advertise, systemAddresses(), isDevelopment);
    const metrics = new Metrics();
    const media = new Media(config, addresses, sockets, log, {
      onNotice: (worker, notice) => rooms.mediaNotice(worker, notice),
      onLost: (worker) => rooms.workerLost(worker),
    });
    const rooms = createRooms({
      config,
      keys,
      advertise: (worker) => media.advertiser.addressesOf(worker),
      sendCommand: (worker, command) => media.send(worker, command),
      onEvent: (event) => {
        metrics.handleEvent(event);
        logRoomEvent(log, event);
      },
    });
    const front = await createFront({
      config,
      log,
      keys,
      identity: identity.value,
      rooms,
      metrics,
      media,
    });
    const parts = { front, rooms, media, keys };
    const opened = await open(config, parts);
    if (!opened.ok) {
      keys.close();
      front.destroy();
      await media.close();
      return opened;
    }
    const renew = () => {
      const renewed = tlsIdentity(config, folder.value, systemAddresses());
      if (!renewed.ok) log.error({}, renewed.error.message);
      else if (renewed.value !== null) front.listener.setIdentity(renewed.value);
    };
    const info = describeServer({ config, keys, addresses, media, front, port: opened.value });
    return ok(new SwitchyardServer(config, parts, info, renew));
  }

  /**
   * Lets everybody go: no one joins any more, sessions are told goodbye, workers end. What is still open
   * after `server.drainTimeout` is cut off.
   */
  async close(): Promise<void> {
    const { front, rooms, media, keys } = this.#parts;
    clearInterval(this.#renewal);
    keys.close();
    front.drain();
    rooms.administer((admin, now) => admin.shutdown(now));
    const gone = Promise.all([front.closeSessions(), media.close()]);
    const timeout = new AbortController();
    const late = wait(this.#config.server.drainTimeout, undefined, { signal: timeout.signal });
    await Promise.race([gone, late.catch(() => {})]);
    timeout.abort();
    front.destroy();
  }
}

/** Opens the TCP port, then starts the workers; resolves with the TCP port. */
async function open(
  config: Config,
  { front, media }: Pick<Parts, 'front' | 'media'>,
): Promise<Result<number, StartProblem>> {
  const { host, port } = config.server.listen;
  try {
    const opened = await front.listener.listen();
    if (config.rtc.tcp) media.advertiser.setTcp(host, opened.port);
    const started = await media.start();
    return started.ok ? ok(opened.port) : started;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return err(describePortProblem('TCP', { address: host ?? 'all addresses', port }, code));
  }
}

function openFolder(config: Config): Result<DataFolder, StartProblem> {
  try {
    return ok(new DataFolder(config.data.folder));
  } catch (error) {
    return err({
      message: `The data folder cannot be made: ${error instanceof Error ? error.message : error}.`,
      fix: 'Make it writable for this user, or choose another: sy start --data <folder>.',
    });
  }
}
