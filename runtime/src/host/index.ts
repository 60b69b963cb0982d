export { MediaWorkerHost, type MediaWorkerHostOptions } from './media-worker-host.ts';
export type { ReadyNotice, WorkerTiming } from './worker-process.ts';
