import { useEffect } from 'react';
import { problemOf } from '../room/problem.ts';
import { preferences } from '../shared/preferences.ts';
import { useCall } from './call-context.tsx';
import { handRaisedAt } from './hand.ts';
import { playSound } from './sounds.ts';

/** Above this many people comings and goings make no sound. */
const QUIET_ABOVE = 10;

/** Says, shows and sounds what happens in the room. */
export function useCallEvents(): void {
  const { session, announcer, ui, reactions } = useCall();
  const { room, toasts } = session;
  useEffect(() => {
    const sound = (name: Parameters<typeof playSound>[0]) => {
      if (preferences.get().hasSounds && room.remoteParticipants.size < QUIET_ABOVE)
        playSound(name);
    };
    const nameOf = (identity: string) => room.remoteParticipants.get(identity)?.name ?? 'A host';
    const stops = [
      room.on('participantJoined', ({ name }) => {
        announcer.note('joined', name);
        sound('join');
      }),
      room.on('participantLeft', ({ name }) => {
        announcer.note('left', name);
        sound('leave');
      }),
      room.on('chatMessage', ({ isOwn, from, text }) => {
        if (isOwn) return;
        announcer.say(`${from.name} writes: ${text}`);
        if (ui.get().panel !== 'chat') sound('message');
      }),
      room.on('trackMuted', (publication, participant, by) => {
        if (!participant.isLocal || !by) return;
        const what = publication.source === 'camera' ? 'turned your camera off' : 'muted you';
        announcer.alert(`${nameOf(by)} ${what}.`);
        toasts.add({ tone: 'info', title: `${nameOf(by)} ${what}.` });
      }),
      room.on('trackPublished', (publication, participant) => {
        if (publication.source === 'screenShare')
          announcer.say(`${participant.name} shares a screen.`);
      }),
      room.on(
        'participantUpdated',
        watchHands(room.localParticipant.identity, (name) => {
          announcer.say(`${name} raised a hand.`);
          sound('hand');
        }),
      ),
      room.on('reconnecting', () => announcer.alert('Connection lost. Reconnecting.')),
      room.on('reconnected', () => announcer.alert('Connected again.')),
      room.on('mediaFailed', (error) => toasts.addProblem(problemOf(error))),
      room.on('deviceFailed', (_error, { source }) => {
        const isCamera = source === 'camera';
        const title = isCamera ? 'Your camera stopped.' : 'Your microphone stopped.';
        announcer.alert(title);
        const me = room.localParticipant;
        toasts.add({
          tone: 'warn',
          title,
          text: 'It may have been unplugged.',
          action: {
            label: isCamera ? 'Use another camera' : 'Use another microphone',
            run: () => {
              const start = isCamera ? me.setCameraEnabled(true) : me.setMicrophoneEnabled(true);
              start.catch((error: unknown) => toasts.addProblem(problemOf(error)));
            },
          },
        });
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      announcer.close();
      reactions.close();
    };
  }, [room, toasts, announcer, ui, reactions]);
}

type Updated = Parameters<typeof handRaisedAt>[0];

/** Hears a hand go up once, although a person's entry changes for many reasons. */
function watchHands(ownIdentity: string, onRaised: (name: string) => void) {
  const raised = new Set<string>();
  return (participant: Updated): void => {
    const { identity, name } = participant;
    if (handRaisedAt(participant) === null) raised.delete(identity);
    else if (!raised.has(identity)) {
      raised.add(identity);
      if (identity !== ownIdentity) onRaised(name);
    }
  };
}
