export type { AdvertisedAddress, ListenAddress } from './addresses.ts';
export { type ConfigSources, decodeConfig, type LoadedConfig, loadConfig } from './load.ts';
export { type ConfigProblem, printProblem } from './problems.ts';
export { type Config, configJsonSchema } from './schema.ts';
