import { Check, type LucideIcon } from 'lucide-react';
import type { ReactElement } from 'react';
import { MenuItem } from 'react-aria-components';
import { cx } from '../shared/cx.ts';
import floating from './floating.module.css';

/** One line of a menu. */
export function MenuAction(props: {
  readonly Icon: LucideIcon;
  readonly children: string;
  readonly onAction: () => void;
  readonly isDisabled?: boolean;
  readonly isDangerous?: boolean;
  readonly isChecked?: boolean;
}): ReactElement {
  const { Icon, children, onAction, isDisabled, isDangerous, isChecked } = props;
  return (
    <MenuItem
      className={cx(floating['item'], isDangerous && floating['dangerous'])}
      textValue={isChecked ? `${children}, chosen` : children}
      isDisabled={isDisabled ?? false}
      onAction={onAction}
    >
      <Icon aria-hidden="true" size={18} strokeWidth={1.75} />
      <span className={floating['itemText']}>{children}</span>
      {isChecked && <Check aria-hidden="true" size={18} strokeWidth={1.75} />}
    </MenuItem>
  );
}
