import type { CSSProperties, ReactElement } from 'react';
import css from './avatar.module.css';
import { hueOf, initialsOf } from './avatar-look.ts';
import { cx } from './cx.ts';

/** Initials on the person's own hue. Decoration: the name stands beside it. */
export function Avatar(props: {
  readonly identity: string;
  readonly name: string;
  readonly size?: 'small' | 'medium' | 'fill';
}): ReactElement {
  const style = { '--hue': hueOf(props.identity) } as CSSProperties;
  return (
    <span
      aria-hidden="true"
      className={cx(css['avatar'], css[props.size ?? 'medium'])}
      style={style}
    >
      {initialsOf(props.name)}
    </span>
  );
}
