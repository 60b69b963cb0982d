import type { ReactElement, ReactNode } from 'react';
import { Button, ToggleButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import { cx } from '../shared/cx.ts';
import css from './bar-button.module.css';
import floating from './floating.module.css';

interface Common {
  /** Constant: the state is told by `aria-pressed`. */
  readonly label: string;
  /** What a press will do; shown on hover. */
  readonly hint: string;
  readonly shortcut?: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
}

/** A round button of the control bar. */
export function BarButton(
  props: Common & { readonly onPress?: () => void; readonly tone?: 'danger' | undefined },
): ReactElement {
  const { label, children, onPress, tone, className } = props;
  return (
    <WithHint {...props}>
      <Button
        aria-label={label}
        className={cx(css['button'], tone && css[tone], className)}
        {...(onPress && { onPress })}
      >
        {children}
      </Button>
    </WithHint>
  );
}

/** A round button that stays pressed. `alarm`: being off is worth a look, as for a muted microphone. */
export function BarToggle(
  props: Common & {
    readonly isOn: boolean;
    readonly onChange: (isOn: boolean) => void;
    readonly style?: 'alarm' | 'accent' | undefined;
    readonly isDisabled?: boolean;
  },
): ReactElement {
  const { label, isOn, onChange, children, style, isDisabled, className } = props;
  return (
    <WithHint {...props}>
      <ToggleButton
        aria-label={label}
        isSelected={isOn}
        onChange={onChange}
        isDisabled={isDisabled ?? false}
        className={cx(css['button'], style && css[style], className)}
      >
        {children}
      </ToggleButton>
    </WithHint>
  );
}

function WithHint(props: {
  readonly hint: string;
  readonly shortcut?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {props.children}
      <Tooltip className={floating['tooltip'] ?? ''} offset={10}>
        {props.hint}
        {props.shortcut && <kbd>{props.shortcut}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  );
}
