import type { Participant } from '@switchyard/client';
import { useAudioLevel, useQuality, useTrack } from '@switchyard/react';
import { Hand, MicOff, MonitorUp, Phone } from 'lucide-react';
import type { ReactElement } from 'react';
import { handRaisedAt } from './hand.ts';
import css from './name-plate.module.css';
import { WeakLineIcon } from './quality-icon.tsx';
import { theirQualityWords } from './quality-words.ts';

const ICON = { 'aria-hidden': true, size: 16, strokeWidth: 2 } as const;

/** Name and state of a tile, bottom left. */
export function NamePlate(props: {
  readonly participant: Participant;
  readonly isScreen: boolean;
}): ReactElement {
  const { participant, isScreen } = props;
  const { name, isLocal, kind } = participant;
  const microphone = useTrack(participant, 'microphone');
  const weakness = theirQualityWords(useQuality(participant));
  const isMuted = microphone === null || microphone.isMuted;
  const isRaised = !isScreen && handRaisedAt(participant) !== null;
  if (isScreen) {
    return (
      <div className={css['plate']}>
        <MonitorUp {...ICON} />
        <span className={css['name']}>{isLocal ? 'You are sharing' : `${name} is sharing`}</span>
      </div>
    );
  }
  return (
    <div className={css['plate']} data-weak={weakness !== null || undefined}>
      {isRaised && (
        <span className={css['hand']}>
          <Hand {...ICON} />
          <span className="visually-hidden">Hand raised</span>
        </span>
      )}
      {kind === 'sip' && <Phone {...ICON} />}
      <span className={css['name']}>{isLocal ? `${name} (you)` : name}</span>
      {isMuted ? (
        <span className={css['muted']}>
          <MicOff {...ICON} />
          <span className="visually-hidden">Muted</span>
        </span>
      ) : (
        <LevelBars participant={participant} />
      )}
      {weakness && (
        <span className={css['weak']} title={weakness}>
          <WeakLineIcon />
          <span className={css['weakness']}>{weakness}</span>
        </span>
      )}
    </div>
  );
}

/** Three bars that move with the voice; nothing while silent. */
function LevelBars(props: { readonly participant: Participant }): ReactElement | null {
  const level = useAudioLevel(props.participant);
  if (level <= 0) return null;
  const height = (weight: number) => `${Math.round(25 + 75 * Math.min(1, level * weight))}%`;
  return (
    <span className={css['bars']} aria-hidden="true">
      <span style={{ height: height(0.9) }} />
      <span style={{ height: height(1.5) }} />
      <span style={{ height: height(0.9) }} />
    </span>
  );
}
