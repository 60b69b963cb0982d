export { createWhipApp } from './app.ts';
export type { WhipOptions } from './gateway.ts';
export { type WhipRooms, whipRooms } from './port.ts';
