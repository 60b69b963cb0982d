import { X } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import css from './call-dialogs.module.css';
import type { CallDialog } from './call-ui.ts';
import { InvitePart } from './invite-part.tsx';
import { SettingsPart } from './settings-part.tsx';
import { ShortcutsPart } from './shortcuts-part.tsx';

const TITLES: Record<CallDialog, string> = {
  shortcuts: 'Keyboard shortcuts',
  settings: 'Settings',
  leave: 'Leave the call?',
  invite: 'Invite people',
};

/** The dialog that is open, if any. */
export function CallDialogs(): ReactElement {
  const { ui } = useCall();
  const { dialog } = useStore(ui);
  return (
    <ModalOverlay
      className={css['overlay'] ?? ''}
      isDismissable
      isOpen={dialog !== null}
      onOpenChange={(isOpen) => isOpen || ui.change({ dialog: null })}
    >
      <Modal className={css['modal'] ?? ''}>
        <Dialog className={css['dialog'] ?? ''}>
          <header className={css['header']}>
            <Heading slot="title" className={css['title'] ?? ''}>
              {dialog ? TITLES[dialog] : ''}
            </Heading>
            <Button
              slot="close"
              className={cx(button['button'], button['quiet'], button['icon'])}
              aria-label="Close"
            >
              <X aria-hidden="true" size={20} strokeWidth={1.75} />
            </Button>
          </header>
          {dialog && contentOf(dialog)}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function contentOf(dialog: CallDialog): ReactNode {
  switch (dialog) {
    case 'shortcuts':
      return <ShortcutsPart />;
    case 'settings':
      return <SettingsPart />;
    case 'invite':
      return (
        <>
          <p className={css['text']}>Whoever opens this link can knock at this room.</p>
          <InvitePart />
        </>
      );
    case 'leave':
      return <LeavePart />;
  }
}

function LeavePart(): ReactElement {
  const { session } = useCall();
  return (
    <>
      <p className={css['text']}>The others stay. You can come back by the same link.</p>
      <div className={css['buttons']}>
        <Button slot="close" className={cx(button['button'], button['secondary'])}>
          Stay
        </Button>
        <Button
          className={cx(button['button'], button['danger'])}
          autoFocus
          onPress={() => session.leave()}
        >
          Leave the call
        </Button>
      </div>
    </>
  );
}
