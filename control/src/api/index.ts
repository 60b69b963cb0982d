export type { Clock } from './clock.ts';
export { createApi, ROUTES } from './create-api.ts';
export { Metrics } from './metrics.ts';
export { type ApiDescription, describeApi } from './openapi.ts';
export type { ApiEnvironment, ApiOptions } from './options.ts';
export { isPrivateAddress } from './private-address.ts';
export {
  SignalConnection,
  type SignalConnectionOptions,
  type SignalSocket,
} from './signal-connection.ts';
export {
  type HostPorts,
  type Rooms,
  type SessionSink,
  SwitchboardHost,
} from './switchboard-host.ts';
