export {
  type Candidate,
  type CandidateError,
  type CandidateType,
  candidatePriority,
  isMdnsName,
  parseCandidate,
  printCandidate,
  type TcpType,
} from './candidate.ts';
export { CheckVerdict, isAuthentic } from './check.ts';
export { type IceCredentials, makeCredentials, readLocalUfrag } from './credentials.ts';
export { IceAgent } from './ice-agent.ts';
export type {
  IceAgentOptions,
  IceEvent,
  IceState,
  LocalCandidate,
  SelectedPair,
} from './ice-agent-types.ts';
export { IceLiteAgent, type IceLiteOptions } from './ice-lite-agent.ts';
export type { IceLiteEvent, IceLiteState } from './ice-lite-events.ts';
