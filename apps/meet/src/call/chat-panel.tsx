import { useChat, usePermissions, useRemoteParticipants } from '@switchyard/react';
import { MessageSquare, SendHorizontal } from 'lucide-react';
import {
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from 'react';
import { problemOf } from '../room/problem.ts';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import field from '../shared/field.module.css';
import { useCall } from './call-context.tsx';
import css from './chat-panel.module.css';
import { linkify } from './linkify.ts';
import { groupMessages, type MessageGroup } from './message-groups.ts';

/** Longest text that is sent as one message, characters. */
const MAX_LENGTH = 2_000;

export function ChatPanel(): ReactElement {
  const { messages, send } = useChat();
  const { canPublishData } = usePermissions();
  const end = useRef<HTMLDivElement>(null);
  const count = messages.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is the reason to scroll
  useEffect(() => void end.current?.scrollIntoView({ block: 'end' }), [count]);
  return (
    <div className={css['chat']}>
      <div
        className={css['messages']}
        role="log"
        aria-label="Messages"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
      >
        {count === 0 && <EmptyChat />}
        {groupMessages(messages).map((group) => (
          <Group key={group.id} group={group} />
        ))}
        <div ref={end} />
      </div>
      {canPublishData ? (
        <Composer send={send} />
      ) : (
        <p className={css['refused']}>You may read here, but not write.</p>
      )}
    </div>
  );
}

function EmptyChat(): ReactElement {
  return (
    <div className={css['empty']}>
      <MessageSquare aria-hidden="true" size={28} strokeWidth={1.5} />
      <p>Nothing written yet.</p>
      <p className={css['hint']}>
        Messages live as long as this call. Who joins later does not see the earlier ones.
      </p>
    </div>
  );
}

function Group(props: { readonly group: MessageGroup }): ReactElement {
  const { name, isOwn, isPrivate, sentAt, messages } = props.group;
  const time = new Date(sentAt).toLocaleTimeString(undefined, { timeStyle: 'short' });
  return (
    <div className={css['group']} data-own={isOwn || undefined}>
      <p className={css['meta']}>
        <span className={css['author']}>{isOwn ? 'You' : name}</span>
        {isPrivate && <span className={css['private']}>{isOwn ? 'privately' : 'to you only'}</span>}
        <time dateTime={new Date(sentAt).toISOString()}>{time}</time>
      </p>
      {messages.map(({ id, text }) => (
        <p key={id} className={css['text']}>
          {linkify(text).map(({ at, text: part, href }) =>
            href ? (
              <a key={at} href={href} target="_blank" rel="noopener noreferrer">
                {part}
              </a>
            ) : (
              part
            ),
          )}
        </p>
      ))}
    </div>
  );
}

function Composer(props: { readonly send: ReturnType<typeof useChat>['send'] }): ReactElement {
  const { session } = useCall();
  const people = useRemoteParticipants();
  const [text, setText] = useState('');
  const [to, setTo] = useState('');
  const recipient = people.find(({ identity }) => identity === to);

  const submit = () => {
    const trimmed = text.trim();
    if (!trimmed) return;
    setText('');
    props.send(trimmed, recipient ? { to: [recipient.identity] } : {}).catch((error: unknown) => {
      setText((now) => now || trimmed); // nothing that was written gets lost
      session.toasts.addProblem(problemOf(error));
    });
  };
  const handleKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      className={css['composer']}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        submit();
      }}
    >
      {people.length > 1 && (
        <label className={css['to']}>
          <span>To</span>
          <select
            className={cx(field['select'], css['recipient'])}
            value={recipient ? to : ''}
            onChange={(event) => setTo(event.target.value)}
          >
            <option value="">Everyone</option>
            {people.map(({ identity, name }) => (
              <option key={identity} value={identity}>
                {name} only
              </option>
            ))}
          </select>
        </label>
      )}
      <div className={css['line']}>
        <textarea
          className={css['input']}
          data-first-focus
          aria-label="Message"
          placeholder={recipient ? `Write to ${recipient.name} only` : 'Write to everyone'}
          rows={1}
          maxLength={MAX_LENGTH}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={handleKey}
        />
        <button
          type="submit"
          className={cx(button['button'], button['icon'], button['primary'])}
          aria-label="Send"
          disabled={text.trim() === ''}
        >
          <SendHorizontal aria-hidden="true" size={19} strokeWidth={1.75} />
        </button>
      </div>
    </form>
  );
}
