export { MediaWorkerHost, type MediaWorkerHostOptions } from './media-worker-host.ts';
export { probeBatchSockets } from './probe-sockets.ts';
export type { ReadyNotice, WorkerTiming } from './worker-process.ts';
