import type { Device } from '@switchyard/client';
import { ChevronDown, type LucideIcon } from 'lucide-react';
import type { ReactElement } from 'react';
import { cx } from '../shared/cx.ts';
import field from '../shared/field.module.css';
import css from './device-select.module.css';

/** The browser's own select box, in our clothes. */
export function DeviceSelect(props: {
  readonly label: string;
  readonly Icon: LucideIcon;
  readonly devices: readonly Device[];
  readonly value: string;
  readonly onChange: (deviceId: string) => void;
}): ReactElement {
  const { label, Icon, value } = props;
  // Without permission browsers list one nameless device, or none.
  const named = props.devices.filter((device) => device.label !== '');
  const isKnown = named.some(({ deviceId }) => deviceId === value);
  return (
    <span className={css['box']}>
      <Icon aria-hidden="true" className={css['icon']} size={18} strokeWidth={1.75} />
      <select
        aria-label={label}
        className={cx(field['select'], css['select'])}
        disabled={named.length === 0}
        value={isKnown ? value : (named[0]?.deviceId ?? '')}
        onChange={(event) => props.onChange(event.target.value)}
      >
        {named.length === 0 && <option value="">{label}</option>}
        {named.map(({ deviceId, label: name }) => (
          <option key={deviceId} value={deviceId}>
            {name}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden="true" className={css['chevron']} size={16} strokeWidth={1.75} />
    </span>
  );
}
