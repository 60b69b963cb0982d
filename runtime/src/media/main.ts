/*
 * A media worker: a child process of the server. Descriptor 3 is the control stream, 4 the TCP relay. It ignores
 * SIGINT and SIGTERM, since the main process drains it, and exits when the control stream ends.
 */
import type { MediaCommand, WorkerSettings } from '@switchyard/core/media-api';
import { ControlChannel } from './control-channel.ts';
import { EpollLoop } from './epoll-loop.ts';
import { PortableLoop } from './portable-loop.ts';

const CONTROL_FD = 3;
const RELAY_FD = 4;

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const control = new ControlChannel(CONTROL_FD);

/** The first frame; nothing else can be done before it. */
async function readSettings(): Promise<{ settings: WorkerSettings; rest: MediaCommand[][] }> {
  const frames: (WorkerSettings | MediaCommand[])[] = [];
  while (frames.length === 0) {
    frames.push(...control.read());
    if (control.isClosed) process.exit(0);
    if (frames.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const [settings, ...rest] = frames;
  return { settings: settings as WorkerSettings, rest: rest as MediaCommand[][] };
}

const { settings, rest } = await readSettings();
const Loop = settings.sockets === 'batch' ? EpollLoop : PortableLoop;
const loop = new Loop(settings, control, RELAY_FD);

/** Ends the worker with a word; the main process starts another one. */
function exitWith(text: string): never {
  console.error(`media worker ${settings.worker}: ${text}`);
  process.exit(1);
}

// A fault that concerns no peer: nothing here can be relied on any more.
process.on('uncaughtException', (error) => exitWith(`a fault ends it: ${error.stack}`));
try {
  await loop.run(rest);
} catch (error) {
  exitWith(error instanceof Error ? error.message : String(error));
}
