import type { ReactElement } from 'react';
import { Link } from 'wouter';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { MessagePage } from '../shared/message-page.tsx';

/** For paths that cannot be a room's name. */
export function NotFoundPage(): ReactElement {
  return (
    <MessagePage
      title="There is no such page"
      text="A room's name has letters, digits, dots and dashes only. Check the link, or start a meeting of your own."
      actions={
        <Link href="/" className={cx(button['button'], button['large'], button['primary'])}>
          To the start page
        </Link>
      }
    />
  );
}
