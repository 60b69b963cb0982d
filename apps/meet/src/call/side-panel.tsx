import { X } from 'lucide-react';
import { type ReactElement, useEffect, useRef } from 'react';
import { Button } from 'react-aria-components';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import type { Panel } from './call-ui.ts';
import { ChatPanel } from './chat-panel.tsx';
import { PeoplePanel } from './people-panel.tsx';
import css from './side-panel.module.css';

/** Chat or people, beside the stage; on narrow screens over it. */
export function SidePanel(): ReactElement | null {
  const { ui } = useCall();
  const { panel } = useStore(ui);
  return panel ? <OpenPanel key={panel} panel={panel} /> : null;
}

function OpenPanel(props: { readonly panel: Panel }): ReactElement {
  const { panel } = props;
  const { ui } = useCall();
  const root = useRef<HTMLElement>(null);
  // The focus moves in, and back to where it was when the panel closes.
  useEffect(() => {
    const before = document.activeElement;
    const inside = root.current?.querySelector<HTMLElement>('[data-first-focus]');
    inside?.focus({ preventScroll: true });
    const element = root.current;
    return () => {
      const isInside =
        document.activeElement === document.body || element?.contains(document.activeElement);
      if (isInside && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside
      ref={root}
      className={css['panel']}
      aria-labelledby="panel-title"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        ui.change({ panel: null });
      }}
    >
      <header className={css['header']}>
        <h2 id="panel-title" className={css['title']}>
          {panel === 'chat' ? 'Chat' : 'People'}
        </h2>
        <Button
          className={cx(button['button'], button['quiet'], button['icon'])}
          aria-label={panel === 'chat' ? 'Close chat' : 'Close people'}
          onPress={() => ui.change({ panel: null })}
        >
          <X aria-hidden="true" size={20} strokeWidth={1.75} />
        </Button>
      </header>
      {panel === 'chat' ? <ChatPanel /> : <PeoplePanel />}
    </aside>
  );
}
