export {
  MAX_OUTGOING_HEADER_LENGTH,
  OutgoingHeader,
  type OutgoingHeaderOptions,
} from './outgoing-header.ts';
export { ExtensionIds, extensionKind, extensionUri, RtpExtension } from './rtp-extension.ts';
export { RTP_FIXED_HEADER_LENGTH, RtpView } from './rtp-view.ts';
