import type { Participant } from '@switchyard/client';
import { useIsSpeaking, useParticipant, useTrack, VideoTrack } from '@switchyard/react';
import type { ReactElement } from 'react';
import { Avatar } from '../shared/avatar.tsx';
import { cx } from '../shared/cx.ts';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import { NamePlate } from './name-plate.tsx';
import type { PlacedTile } from './stage-plan.ts';
import css from './tile.module.css';
import { TileActions } from './tile-actions.tsx';

/** One person's picture, or one shared screen. Named after the person for assistive technology. */
export function Tile(props: {
  readonly id: string;
  readonly participant: Participant;
  readonly kind: 'camera' | 'screen';
  readonly role: PlacedTile['role'];
}): ReactElement {
  const { id, participant, kind, role } = props;
  useParticipant(participant.identity);
  const isScreen = kind === 'screen';
  const publication = useTrack(participant, isScreen ? 'screenShare' : 'camera');
  const isSpeaking = useIsSpeaking(participant) && !isScreen;
  const { isMirrored } = useStore(preferences);
  const { isLocal, name, identity } = participant;
  const hasPicture = publication !== null && !publication.isMuted;
  const isAway = participant.state === 'reconnecting';
  return (
    <article
      className={css['tile']}
      aria-label={tileName(name, isLocal, isScreen)}
      data-kind={kind}
      data-role={role}
      data-speaking={isSpeaking || undefined}
      data-away={isAway || undefined}
    >
      {!isScreen && (
        <div className={css['face']}>
          <Avatar identity={identity} name={name} size="fill" />
        </div>
      )}
      {hasPicture && (
        <VideoTrack
          className={cx(css['video'], !isLocal && css['remote'])}
          publication={publication}
          isMirrored={isLocal && !isScreen && isMirrored}
        />
      )}
      <Reaction identity={isScreen ? '' : identity} />
      {isAway && <p className={css['away']}>Reconnecting</p>}
      <NamePlate participant={participant} isScreen={isScreen} />
      <TileActions id={id} participant={participant} isScreen={isScreen} />
    </article>
  );
}

function tileName(name: string, isLocal: boolean, isScreen: boolean): string {
  if (isScreen) return isLocal ? 'Your screen' : `Screen of ${name}`;
  return isLocal ? `${name} (you)` : name;
}

function Reaction(props: { readonly identity: string }): ReactElement | null {
  const { reactions } = useCall();
  const emoji = useStore(reactions).get(props.identity);
  return emoji ? (
    <span key={emoji} className={css['reaction']} role="img" aria-label="Reaction">
      {emoji}
    </span>
  ) : null;
}
