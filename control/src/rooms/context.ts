import type { Alarms } from './alarms.ts';
import type { Ids } from './ids.ts';
import type { MediaIndex } from './media-index.ts';
import type { Outbox } from './outbox.ts';
import type { Pipes } from './pipes.ts';
import type { SwitchboardPorts, SwitchboardSettings } from './settings.ts';
import type { Workers } from './workers.ts';

/** What all parts of the rooms share. */
export interface Context {
  readonly settings: SwitchboardSettings;
  readonly ports: SwitchboardPorts;
  readonly ids: Ids;
  readonly alarms: Alarms;
  readonly out: Outbox;
  readonly workers: Workers;
  readonly pipes: Pipes;
  readonly index: MediaIndex;
}
