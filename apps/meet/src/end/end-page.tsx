import { ArrowRight, RotateCcw } from 'lucide-react';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { CallOutcome } from '../call/session.ts';
import { makeRoomName, pathOfRoom, randomBits } from '../landing/room-names.ts';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { MessagePage } from '../shared/message-page.tsx';
import { durationInWords } from '../shared/time-words.ts';
import css from './end-page.module.css';
import { endWords, qualitySentence } from './end-words.ts';
import { QualityBar } from './quality-bar.tsx';

/** After the call: why it ended, how it was, and where to go. */
export function EndPage(props: {
  readonly room: string;
  readonly outcome: CallOutcome;
  readonly onRejoin: () => void;
}): ReactElement {
  const { room, outcome, onRejoin } = props;
  const [, navigate] = useLocation();
  const { title, text, canRejoin } = endWords(outcome);
  const sentence = qualitySentence(outcome);
  return (
    <MessagePage
      title={title}
      text={text}
      actions={
        <>
          {canRejoin && (
            <button
              type="button"
              className={cx(button['button'], button['large'], button['primary'])}
              onClick={onRejoin}
            >
              <RotateCcw aria-hidden="true" size={18} strokeWidth={1.75} />
              Rejoin
            </button>
          )}
          <button
            type="button"
            className={cx(button['button'], button['large'], button['secondary'])}
            onClick={() => navigate(pathOfRoom(makeRoomName(randomBits)))}
          >
            Start a new one
            <ArrowRight aria-hidden="true" size={18} strokeWidth={1.75} />
          </button>
        </>
      }
    >
      <section className={css['summary']} aria-label="Your call">
        <dl className={css['facts']}>
          <div>
            <dt>Room</dt>
            <dd>{room}</dd>
          </div>
          <div>
            <dt>You were in it for</dt>
            <dd>{durationInWords(outcome.durationMs)}</dd>
          </div>
        </dl>
        {sentence && (
          <>
            <QualityBar quality={outcome.quality} />
            <p className={css['sentence']}>{sentence}</p>
          </>
        )}
      </section>
    </MessagePage>
  );
}
