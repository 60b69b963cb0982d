export { DtlsRecordGate, GateVerdict } from './record-gate.ts';
export type {
  DtlsEvent,
  DtlsFactory,
  DtlsFailure,
  DtlsFingerprint,
  DtlsOptions,
  DtlsSession,
} from './session.ts';
