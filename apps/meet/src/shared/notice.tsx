import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx.ts';
import css from './notice.module.css';

const ICONS = { info: Info, warn: TriangleAlert, danger: CircleAlert };

/** What happened, what to do about it, and the button that does it. */
export function Notice(props: {
  readonly tone: 'info' | 'warn' | 'danger';
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  /** Said at once by assistive technology. */
  readonly isUrgent?: boolean;
}): ReactElement {
  const Icon = ICONS[props.tone];
  return (
    <div className={cx(css['notice'], css[props.tone])} role={props.isUrgent ? 'alert' : 'note'}>
      <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
      <div className={css['text']}>
        <p className={css['title']}>{props.title}</p>
        {props.children && <p className={css['fix']}>{props.children}</p>}
        {props.action && <div className={css['action']}>{props.action}</div>}
      </div>
    </div>
  );
}
