import { dtlsTarget } from './dtls-target.ts';
import { mediaTargets } from './media-targets.ts';
import type { FuzzTarget } from './target.ts';
import { textTargets } from './text-targets.ts';
import { wireTargets } from './wire-targets.ts';

/** Everything that bytes of strangers and participants reach. */
export const TARGETS: readonly FuzzTarget[] = [
  ...wireTargets,
  dtlsTarget,
  ...mediaTargets,
  ...textTargets,
];
