export { Impairment, type ImpairmentCounters, type ImpairmentOptions } from './impairment.ts';
export {
  ImpairmentProxy,
  type LoopbackAddress,
  type ProxyOptions,
  redirectCandidates,
  startImpairmentProxy,
} from './proxy.ts';
