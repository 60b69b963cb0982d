import type { ReactElement } from 'react';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';

/** One polite and one assertive region for the whole call. */
export function LiveRegions(): ReactElement {
  const { announcer } = useCall();
  return (
    <>
      <div className="visually-hidden" role="status" aria-live="polite">
        {useStore(announcer.polite)}
      </div>
      <div className="visually-hidden" role="alert" aria-live="assertive">
        {useStore(announcer.assertive)}
      </div>
    </>
  );
}
