export * from './client-messages.ts';
export * from './entities.ts';
export * from './protocol.ts';
export * from './server-messages.ts';
