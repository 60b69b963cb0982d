import { useConnectionState } from '@switchyard/react';
import { type ReactElement, useEffect, useState } from 'react';
import css from './reconnect-banner.module.css';

/** The server keeps a seat for so long after its connection broke, s (core/signal `RESUME_WINDOW_MS`). */
const SEAT_KEPT_SECONDS = 30;

/** While the connection is away: what happens, and for how much longer the place is kept. */
export function ReconnectBanner(): ReactElement | null {
  const isAway = useConnectionState() === 'reconnecting';
  return isAway ? <Countdown /> : null;
}

function Countdown(): ReactElement {
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const start = performance.now();
    const timer = setInterval(
      () => setElapsed(Math.floor((performance.now() - start) / 1000)),
      250,
    );
    return () => clearInterval(timer);
  }, []);
  const left = SEAT_KEPT_SECONDS - elapsed;
  return (
    <div className={css['banner']}>
      <span className={css['pulse']} aria-hidden="true" />
      <div>
        <p className={css['title']}>Connection lost. Reconnecting</p>
        <p className={css['text']}>
          {left > 0
            ? `Your place is kept for another ${left} s. The others see you as away.`
            : 'This takes long. You come back by yourself as soon as the network does.'}
        </p>
      </div>
    </div>
  );
}
