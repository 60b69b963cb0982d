import {
  useConnectionState,
  useLocalParticipant,
  useMediaState,
  useQuality,
  useRoomInfo,
} from '@switchyard/react';
import { Lock, TriangleAlert, UserPlus } from 'lucide-react';
import { type ReactElement, useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { clockOf } from '../shared/time-words.ts';
import { useCall } from './call-context.tsx';
import { ownQualityWords } from './quality-words.ts';
import css from './top-bar.module.css';
import { TopologyBadge } from './topology-badge.tsx';

/** Where we are, for how long, and how the line is. */
export function TopBar(): ReactElement {
  const { session, ui } = useCall();
  const info = useRoomInfo();
  return (
    <header className={css['bar']}>
      <title>{`${session.room.name} · Switchyard Meet`}</title>
      <div className={css['side']}>
        <TopologyBadge />
        <h1 className={css['room']}>{session.room.name}</h1>
        {info?.locked && (
          <span className={css['lock']}>
            <Lock aria-hidden="true" size={14} strokeWidth={2} />
            Locked
          </span>
        )}
        <Clock since={session.joinedAt} />
      </div>
      <div className={css['side']}>
        <Weakness />
        <Button
          className={cx(button['button'], button['secondary'], css['invite'])}
          onPress={() => ui.change({ dialog: 'invite' })}
        >
          <UserPlus aria-hidden="true" size={18} strokeWidth={1.75} />
          <span>Invite</span>
        </Button>
      </div>
    </header>
  );
}

function Clock(props: { readonly since: number }): ReactElement {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className={css['clock']} role="timer" aria-label="Time in this call">
      {clockOf(now - props.since)}
    </span>
  );
}

/** Only there when something is to say about one's own line. */
function Weakness(): ReactElement | null {
  const me = useLocalParticipant();
  const quality = useQuality(me);
  const media = useMediaState();
  const state = useConnectionState();
  const words = state === 'connected' ? ownQualityWords(quality, media) : null;
  if (!words) return null;
  return (
    <p className={css['weak']} role="status">
      <TriangleAlert aria-hidden="true" size={16} strokeWidth={2} />
      <span>{words}</span>
    </p>
  );
}
