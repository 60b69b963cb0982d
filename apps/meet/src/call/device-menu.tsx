import { useDevices } from '@switchyard/react';
import { ChevronUp, Mic, Video, Volume2 } from 'lucide-react';
import type { ReactElement } from 'react';
import { Button, Header, Menu, MenuSection, MenuTrigger, Popover } from 'react-aria-components';
import { problemOf } from '../room/problem.ts';
import { preferences } from '../shared/preferences.ts';
import { useCall } from './call-context.tsx';
import css from './device-menu.module.css';
import floating from './floating.module.css';
import { MenuAction } from './menu-action.tsx';

type Kind = 'microphone' | 'camera' | 'speaker';

const TITLES: Record<Kind, string> = {
  microphone: 'Microphone',
  camera: 'Camera',
  speaker: 'Speaker',
};
const ICONS = { microphone: Mic, camera: Video, speaker: Volume2 };

/** The arrow beside a device button. */
export function DeviceMenu(props: { readonly source: 'microphone' | 'camera' }): ReactElement {
  const { source } = props;
  const isCamera = source === 'camera';
  return (
    <MenuTrigger>
      <Button
        className={css['arrow'] ?? ''}
        aria-label={isCamera ? 'Choose camera' : 'Choose microphone and speaker'}
      >
        <ChevronUp aria-hidden="true" size={16} strokeWidth={2} />
      </Button>
      <Popover className={floating['popover'] ?? ''} placement="top" offset={12}>
        <Menu
          className={floating['menu'] ?? ''}
          aria-label={isCamera ? 'Cameras' : 'Microphones and speakers'}
        >
          <DeviceSection kind={source} />
          {!isCamera && <DeviceSection kind="speaker" />}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function DeviceSection(props: { readonly kind: Kind }): ReactElement {
  const { kind } = props;
  const { session } = useCall();
  const { devices, activeId, choose } = useDevices(kind);
  const named = devices.filter(({ label }) => label !== '');
  const active = activeId ?? named[0]?.deviceId;
  const take = (deviceId: string) => {
    preferences.change({ [`${kind}Id`]: deviceId });
    choose(deviceId).catch((error: unknown) => session.toasts.addProblem(problemOf(error)));
  };
  return (
    <MenuSection>
      <Header className={floating['heading'] ?? ''}>{TITLES[kind]}</Header>
      {named.map(({ deviceId, label }) => (
        <MenuAction
          key={deviceId}
          Icon={ICONS[kind]}
          isChecked={deviceId === active}
          onAction={() => take(deviceId)}
        >
          {label}
        </MenuAction>
      ))}
      {named.length === 0 && (
        <MenuAction Icon={ICONS[kind]} isDisabled onAction={() => undefined}>
          {kind === 'speaker' ? 'Chosen by the browser' : 'None found, or not allowed yet'}
        </MenuAction>
      )}
    </MenuSection>
  );
}
