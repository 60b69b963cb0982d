import { useParticipants, useStats } from '@switchyard/react';
import type { ReactElement } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { StarGlyph } from '../shared/logo.tsx';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import floating from './floating.module.css';
import css from './topology-badge.module.css';

/** Which way media takes, in one word; a click says more. */
export function TopologyBadge(): ReactElement {
  const { ui } = useCall();
  const { isTopologyOpen } = useStore(ui);
  return (
    <DialogTrigger
      isOpen={isTopologyOpen}
      onOpenChange={(isOpen) => ui.change({ isTopologyOpen: isOpen })}
    >
      <Button className={css['badge'] ?? ''}>
        <StarGlyph />
        Forwarded
      </Button>
      <Popover className={floating['popover'] ?? ''} placement="bottom start" offset={8}>
        <Dialog className={css['dialog'] ?? ''}>
          <Heading slot="title" className={css['title'] ?? ''}>
            Forwarded by the server
          </Heading>
          <Explanation />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Explanation(): ReactElement {
  const people = useParticipants().length;
  const connection = useStats()?.connection;
  return (
    <>
      <p className={css['text']}>
        {people > 1
          ? `Everybody sends once to the server, and it passes on to each of the ${people} people what their screen shows.`
          : 'Everybody sends once to the server, and it passes on to each person what their screen shows.'}
      </p>
      <dl className={css['facts']}>
        <dt>You to the server</dt>
        <dd>
          {connection && connection.roundTripMs > 0
            ? `${Math.round(connection.roundTripMs)} ms there and back`
            : 'measuring'}
        </dd>
        <dt>Transport</dt>
        <dd>{connection?.protocol ? connection.protocol.toUpperCase() : 'measuring'}</dd>
        <dt>Encryption</dt>
        <dd>between you and the server</dd>
      </dl>
    </>
  );
}
