import { SmilePlus } from 'lucide-react';
import type { ReactElement } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useStore } from '../shared/store.ts';
import { BarButton } from './bar-button.tsx';
import { useCall } from './call-context.tsx';
import bar from './control-bar.module.css';
import floating from './floating.module.css';
import css from './reaction-menu.module.css';
import { REACTIONS } from './reactions.ts';

/** Six faces; `R` opens them, a digit sends one. */
export function ReactionMenu(): ReactElement {
  const { ui, reactions } = useCall();
  const { isReactionsOpen } = useStore(ui);
  const setOpen = (isOpen: boolean) => ui.change({ isReactionsOpen: isOpen });
  return (
    <DialogTrigger isOpen={isReactionsOpen} onOpenChange={setOpen}>
      <BarButton label="Reactions" hint="React" shortcut="R" className={bar['spare']}>
        <SmilePlus aria-hidden="true" />
      </BarButton>
      <Popover className={floating['popover'] ?? ''} placement="top" offset={12}>
        <Dialog aria-label="Reactions" className={css['row'] ?? ''}>
          {REACTIONS.map(({ emoji, name }, at) => (
            <Button
              key={emoji}
              className={css['emoji'] ?? ''}
              aria-label={name}
              autoFocus={at === 0}
              onPress={() => {
                reactions.send(emoji);
                setOpen(false);
              }}
            >
              {emoji}
            </Button>
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
