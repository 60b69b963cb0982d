export { OnePortListener, type OnePortOptions, type TlsIdentity } from './one-port-listener.ts';
export { isLoopback, type RemoteEnd, remoteOf } from './remote.ts';
export {
  createSelfSignedCertificate,
  type SelfSignedCertificate,
  type SelfSignedOptions,
} from './self-signed.ts';
export { TcpMediaRelay, type TcpMediaRelayOptions } from './tcp-media-relay.ts';
