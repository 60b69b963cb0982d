import type { RemoteParticipant } from '@switchyard/client';
import { useModeration } from '@switchyard/react';
import { MicOff, MonitorOff, Pin, UserX, VideoOff, Volume1, Volume2, VolumeX } from 'lucide-react';
import type { ReactElement } from 'react';
import { Menu, Separator } from 'react-aria-components';
import { problemOf } from '../room/problem.ts';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import floating from './floating.module.css';
import { MenuAction } from './menu-action.tsx';
import { cameraTileId } from './use-stage.ts';

/** What can be done about somebody: for oneself, and as a host. */
export function PersonMenu(props: { readonly participant: RemoteParticipant }): ReactElement {
  const { participant } = props;
  const { ui, session } = useCall();
  const moderation = useModeration();
  const tileId = cameraTileId(participant);
  const isPinned = useStore(ui).pinnedId === tileId;
  const isSilenced = participant.volume === 0;
  const act = (promise: Promise<void>) =>
    void promise.catch((error: unknown) => session.toasts.addProblem(problemOf(error)));
  const mute = (source: 'microphone' | 'camera') => {
    const publication = participant.getTrack(source);
    if (publication && moderation) act(moderation.muteTrack(publication.sid));
  };
  const screen = participant.getTrack('screenShare');
  return (
    <Menu className={floating['menu'] ?? ''} aria-label={`About ${participant.name}`}>
      <MenuAction Icon={Pin} onAction={() => ui.togglePin(tileId)}>
        {isPinned ? 'Unpin' : 'Pin to the stage'}
      </MenuAction>
      <MenuAction
        Icon={isSilenced ? Volume2 : VolumeX}
        onAction={() => participant.setVolume(isSilenced ? 1 : 0)}
      >
        {isSilenced ? 'Hear again' : 'Silence for me'}
      </MenuAction>
      <MenuAction
        Icon={Volume1}
        isDisabled={isSilenced}
        onAction={() => participant.setVolume(participant.volume < 1 ? 1 : 0.4)}
      >
        {participant.volume > 0 && participant.volume < 1 ? 'Normal volume' : 'Quieter for me'}
      </MenuAction>
      {moderation && (
        <>
          <Separator className={floating['separator'] ?? ''} />
          <MenuAction
            Icon={MicOff}
            isDisabled={!participant.isMicrophoneEnabled}
            onAction={() => mute('microphone')}
          >
            Mute for everyone
          </MenuAction>
          <MenuAction
            Icon={VideoOff}
            isDisabled={!participant.isCameraEnabled}
            onAction={() => mute('camera')}
          >
            Turn camera off
          </MenuAction>
          {screen && (
            <MenuAction Icon={MonitorOff} onAction={() => act(moderation.muteTrack(screen.sid))}>
              Stop the shared screen
            </MenuAction>
          )}
          <MenuAction
            Icon={UserX}
            isDangerous
            onAction={() => act(moderation.removeParticipant(participant.identity))}
          >
            Remove from the room
          </MenuAction>
        </>
      )}
    </Menu>
  );
}
