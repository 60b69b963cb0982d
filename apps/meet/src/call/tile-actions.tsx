import { type Participant, RemoteParticipant } from '@switchyard/client';
import { EllipsisVertical, Pin, PinOff } from 'lucide-react';
import type { ReactElement } from 'react';
import { Button, MenuTrigger, Popover, ToggleButton } from 'react-aria-components';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import floating from './floating.module.css';
import { PersonMenu } from './person-menu.tsx';
import css from './tile-actions.module.css';

/** Pin and menu, top right; they appear when the tile is pointed at or holds the focus. */
export function TileActions(props: {
  readonly id: string;
  readonly participant: Participant;
  readonly isScreen: boolean;
}): ReactElement {
  const { id, participant, isScreen } = props;
  const { ui } = useCall();
  const isPinned = useStore(ui).pinnedId === id;
  const Icon = isPinned ? PinOff : Pin;
  return (
    <div className={css['actions']} data-pinned={isPinned || undefined}>
      <ToggleButton
        className={css['action'] ?? ''}
        aria-label={isScreen ? `Pin screen of ${participant.name}` : `Pin ${participant.name}`}
        isSelected={isPinned}
        onChange={() => ui.togglePin(id)}
      >
        <Icon aria-hidden="true" size={17} strokeWidth={1.75} />
      </ToggleButton>
      {participant instanceof RemoteParticipant && !isScreen && (
        <MenuTrigger>
          <Button className={css['action'] ?? ''} aria-label={`More about ${participant.name}`}>
            <EllipsisVertical aria-hidden="true" size={17} strokeWidth={1.75} />
          </Button>
          <Popover className={floating['popover'] ?? ''} placement="bottom end">
            <PersonMenu participant={participant} />
          </Popover>
        </MenuTrigger>
      )}
    </div>
  );
}
