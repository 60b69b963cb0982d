import { CircleAlert, Info, TriangleAlert, X } from 'lucide-react';
import type { ReactElement } from 'react';
import { Button } from 'react-aria-components';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import css from './toast-list.module.css';

const ICONS = { info: Info, warn: TriangleAlert, danger: CircleAlert };

/** Short messages above the control bar. They never take the focus. */
export function ToastList(): ReactElement {
  const { toasts } = useCall().session;
  const list = useStore(toasts);
  return (
    <ol className={css['list']} aria-label="Messages of the program">
      {list.map(({ id, tone, title, text, action }) => {
        const Icon = ICONS[tone];
        return (
          <li
            key={id}
            className={cx(css['toast'], css[tone])}
            role={tone === 'danger' ? 'alert' : 'status'}
          >
            <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
            <div className={css['words']}>
              <p className={css['title']}>{title}</p>
              {text && <p className={css['text']}>{text}</p>}
              {action && (
                <Button
                  className={cx(button['button'], button['small'], button['secondary'])}
                  onPress={() => {
                    toasts.dismiss(id);
                    action.run();
                  }}
                >
                  {action.label}
                </Button>
              )}
            </div>
            <Button
              className={css['close'] ?? ''}
              aria-label="Dismiss"
              onPress={() => toasts.dismiss(id)}
            >
              <X aria-hidden="true" size={18} strokeWidth={1.75} />
            </Button>
          </li>
        );
      })}
    </ol>
  );
}
