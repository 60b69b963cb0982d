import type { ReactElement } from 'react';
import css from './alone-card.module.css';
import { InvitePart } from './invite-part.tsx';

/** The room is empty but for oneself: everything needed to change that. */
export function AloneCard(): ReactElement {
  return (
    <section className={css['card']} aria-labelledby="alone">
      <h2 id="alone" className={css['title']}>
        You are connected. Nobody else is here yet
      </h2>
      <p className={css['text']}>Send this link, or point a phone at the code.</p>
      <InvitePart />
    </section>
  );
}
