import type { ReactElement } from 'react';
import { Switch } from 'react-aria-components';
import css from './setting-switch.module.css';

/** A switch with its explanation. */
export function SettingSwitch(props: {
  readonly label: string;
  readonly hint: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}): ReactElement {
  const { label, hint, isOn, onChange } = props;
  return (
    <Switch className={css['switch'] ?? ''} isSelected={isOn} onChange={onChange}>
      <span className={css['text']}>
        <span>{label}</span>
        <span className={css['hint']}>{hint}</span>
      </span>
      <span className={css['track']} aria-hidden="true" />
    </Switch>
  );
}
