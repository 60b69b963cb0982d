import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import css from './message-page.module.css';
import { PageHeader } from './page-header.tsx';

/** A page that says one thing and what comes next. Its heading takes the focus. */
export function MessagePage(props: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly children?: ReactNode;
  readonly actions: ReactNode;
}): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => void heading.current?.focus(), []);
  return (
    <div className={css['page']}>
      <title>{`${props.title} · Switchyard Meet`}</title>
      <PageHeader />
      <main className={css['main']}>
        <h1 ref={heading} tabIndex={-1} className={css['title']}>
          {props.title}
        </h1>
        {props.text && <p className={css['text']}>{props.text}</p>}
        {props.children}
        <div className={css['actions']}>{props.actions}</div>
      </main>
    </div>
  );
}
