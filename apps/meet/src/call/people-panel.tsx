import { type Participant, RemoteParticipant } from '@switchyard/client';
import {
  useIsSpeaking,
  useModeration,
  useParticipant,
  useParticipants,
  useQuality,
  useRoom,
  useRoomInfo,
  useTrack,
} from '@switchyard/react';
import {
  EllipsisVertical,
  Hand,
  type LucideIcon,
  Mic,
  MicOff,
  MonitorUp,
  UserPlus,
  Video,
  VideoOff,
} from 'lucide-react';
import { type ReactElement, useEffect, useReducer } from 'react';
import { Button, MenuTrigger, Popover } from 'react-aria-components';
import { problemOf } from '../room/problem.ts';
import { Avatar } from '../shared/avatar.tsx';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { plural } from '../shared/time-words.ts';
import { useCall } from './call-context.tsx';
import floating from './floating.module.css';
import { handQueue, handRaisedAt } from './hand.ts';
import css from './people-panel.module.css';
import { PersonMenu } from './person-menu.tsx';
import { WeakLineIcon } from './quality-icon.tsx';
import { theirQualityWords } from './quality-words.ts';
import { SettingSwitch } from './setting-switch.tsx';

const ICON = { 'aria-hidden': true, size: 18, strokeWidth: 1.75 } as const;

export function PeoplePanel(): ReactElement {
  const { ui } = useCall();
  const people = useParticipants();
  const hands = useHands(people);
  return (
    <div className={css['people']}>
      <div className={css['scroll']}>
        <Button
          className={cx(button['button'], button['secondary'], button['wide'])}
          data-first-focus
          onPress={() => ui.change({ dialog: 'invite' })}
        >
          <UserPlus {...ICON} />
          Invite people
        </Button>
        {hands.length > 0 && (
          <section aria-labelledby="hands">
            <h3 id="hands" className={css['heading']}>
              Hands, who asked first comes first
            </h3>
            <ol className={css['hands']}>
              {hands.map(({ identity, name }) => (
                <li key={identity}>
                  <Hand {...ICON} />
                  {name}
                </li>
              ))}
            </ol>
          </section>
        )}
        <section aria-labelledby="here">
          <h3 id="here" className={css['heading']}>
            {plural(people.length, 'person').replace('persons', 'people')} here
          </h3>
          <ul>
            {people.map((participant) => (
              <Person key={participant.identity} participant={participant} />
            ))}
          </ul>
        </section>
      </div>
      <HostControls />
    </div>
  );
}

/** Hands go up and down without anybody coming or going: listens to everybody's entries. */
function useHands(people: readonly Participant[]): readonly Participant[] {
  const room = useRoom();
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => room.on('participantUpdated', render), [room]);
  return handQueue(people);
}

function Person(props: { readonly participant: Participant }): ReactElement {
  const { participant } = props;
  useParticipant(participant.identity);
  const { identity, name, isLocal, permissions } = participant;
  const microphone = useTrack(participant, 'microphone');
  const camera = useTrack(participant, 'camera');
  const isSpeaking = useIsSpeaking(participant);
  const weakness = theirQualityWords(useQuality(participant));
  const isMuted = microphone === null || microphone.isMuted;
  const isCameraOff = camera === null || camera.isMuted;
  const notes = [
    isLocal ? 'You' : '',
    permissions.canModerate ? 'Host' : '',
    participant.state === 'reconnecting' ? 'Reconnecting' : '',
  ].filter(Boolean);
  return (
    <li className={css['person']} data-speaking={isSpeaking || undefined}>
      <Avatar identity={identity} name={name} />
      <div className={css['who']}>
        <span className={css['name']}>{name}</span>
        {notes.length > 0 && <span className={css['notes']}>{notes.join(', ')}</span>}
      </div>
      <div className={css['states']}>
        {handRaisedAt(participant) !== null && (
          <State Icon={Hand} label="Hand raised" tone="warn" />
        )}
        {weakness && <State Icon={WeakLineIcon} label={weakness} tone="warn" />}
        {participant.isScreenShareEnabled && <State Icon={MonitorUp} label="Shares a screen" />}
        {isMuted ? (
          <State Icon={MicOff} label="Muted" tone="off" />
        ) : (
          <State
            Icon={Mic}
            label={isSpeaking ? 'Speaking' : 'Microphone on'}
            tone={isSpeaking ? 'speaking' : undefined}
          />
        )}
        {isCameraOff ? (
          <State Icon={VideoOff} label="Camera off" tone="off" />
        ) : (
          <State Icon={Video} label="Camera on" />
        )}
      </div>
      {participant instanceof RemoteParticipant ? (
        <MenuTrigger>
          <Button className={css['more'] ?? ''} aria-label={`More about ${name}`}>
            <EllipsisVertical {...ICON} />
          </Button>
          <Popover className={floating['popover'] ?? ''} placement="bottom end">
            <PersonMenu participant={participant} />
          </Popover>
        </MenuTrigger>
      ) : (
        <span className={css['more']} />
      )}
    </li>
  );
}

function State(props: {
  readonly Icon: LucideIcon | typeof WeakLineIcon;
  readonly label: string;
  readonly tone?: 'off' | 'warn' | 'speaking' | undefined;
}): ReactElement {
  const { Icon, label, tone } = props;
  return (
    <span className={cx(css['state'], tone && css[tone])} title={label}>
      <Icon {...ICON} />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

function HostControls(): ReactElement | null {
  const { session } = useCall();
  const moderation = useModeration();
  const isLocked = useRoomInfo()?.locked ?? false;
  if (!moderation) return null;
  const act = (promise: Promise<void>) =>
    void promise.catch((error: unknown) => session.toasts.addProblem(problemOf(error)));
  return (
    <section className={css['host']} aria-label="Host controls">
      <SettingSwitch
        label="Lock the room"
        hint="Nobody new comes in"
        isOn={isLocked}
        onChange={(next) => act(moderation.setLocked(next))}
      />
      <Button
        className={cx(button['button'], button['secondary'], button['wide'])}
        onPress={() => act(moderation.muteAll())}
      >
        <MicOff {...ICON} />
        Mute everyone else
      </Button>
    </section>
  );
}
