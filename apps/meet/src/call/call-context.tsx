import { createContext, useContext } from 'react';
import type { Announcer } from './announcer.ts';
import type { CallUi } from './call-ui.ts';
import type { Reactions } from './reactions.ts';
import type { CallSession } from './session.ts';

/** What every part of the call may need. */
export interface CallParts {
  readonly session: CallSession;
  readonly ui: CallUi;
  readonly announcer: Announcer;
  readonly reactions: Reactions;
}

export const CallContext = createContext<CallParts | null>(null);

export function useCall(): CallParts {
  const parts = useContext(CallContext);
  if (!parts) throw new Error('This belongs inside the call.');
  return parts;
}
