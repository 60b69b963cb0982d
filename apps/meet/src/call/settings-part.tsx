import { useDevices } from '@switchyard/react';
import { Camera, type LucideIcon, Mic, Volume2 } from 'lucide-react';
import type { ReactElement } from 'react';
import { DeviceSelect } from '../lobby/device-select.tsx';
import { problemOf } from '../room/problem.ts';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import { ThemeSwitch } from '../shared/theme-switch.tsx';
import { useCall } from './call-context.tsx';
import { SettingSwitch } from './setting-switch.tsx';
import css from './settings-part.module.css';

export function SettingsPart(): ReactElement {
  const { isMirrored, hasSounds } = useStore(preferences);
  return (
    <div className={css['settings']}>
      <section className={css['group']} aria-labelledby="devices">
        <h3 id="devices" className={css['heading']}>
          Devices
        </h3>
        <DeviceSetting kind="microphone" label="Microphone device" Icon={Mic} />
        <DeviceSetting kind="camera" label="Camera device" Icon={Camera} />
        <DeviceSetting kind="speaker" label="Speaker device" Icon={Volume2} />
      </section>
      <section className={css['group']} aria-labelledby="display">
        <h3 id="display" className={css['heading']}>
          Display and sound
        </h3>
        <div className={css['line']}>
          <span className={css['label']}>Appearance</span>
          <ThemeSwitch />
        </div>
        <SettingSwitch
          label="Mirror my camera"
          hint="For you only; the others see it the right way round"
          isOn={isMirrored}
          onChange={(isOn) => preferences.change({ isMirrored: isOn })}
        />
        <SettingSwitch
          label="Sounds"
          hint="When somebody comes, goes or writes, up to ten people"
          isOn={hasSounds}
          onChange={(isOn) => preferences.change({ hasSounds: isOn })}
        />
      </section>
    </div>
  );
}

function DeviceSetting(props: {
  readonly kind: 'microphone' | 'camera' | 'speaker';
  readonly label: string;
  readonly Icon: LucideIcon;
}): ReactElement {
  const { kind, label, Icon } = props;
  const { session } = useCall();
  const { devices, activeId, choose } = useDevices(kind);
  const remembered = useStore(preferences)[`${kind}Id`];
  return (
    <DeviceSelect
      label={label}
      Icon={Icon}
      devices={devices}
      value={activeId ?? remembered}
      onChange={(id) => {
        preferences.change({ [`${kind}Id`]: id });
        choose(id).catch((error: unknown) => session.toasts.addProblem(problemOf(error)));
      }}
    />
  );
}
