export { CHECK_ERRORS, CheckVerdict, isAuthentic } from './check.ts';
export { type IceCredentials, makeCredentials, readLocalUfrag } from './credentials.ts';
export { IceLiteAgent, type IceLiteOptions } from './ice-lite-agent.ts';
export type { IceLiteEvent, IceLiteState } from './ice-lite-events.ts';
