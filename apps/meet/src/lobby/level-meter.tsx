import { type LocalTrack, watchLevel } from '@switchyard/client';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { LevelJudge, type LevelVerdict } from './level-judge.ts';
import css from './level-meter.module.css';

const SEGMENTS = 14;

const WORDS: Record<LevelVerdict, string> = {
  waiting: 'Say something: the bar should move.',
  silent: 'Nothing is heard. Is the microphone muted at the device, or is another one chosen?',
  good: 'Your microphone works.',
  loud: 'Your microphone is very loud. Turn it down, or move away a little.',
};

/** Level bar and what it means. Writes to the DOM directly: twenty renders a second would be a waste. */
export function LevelMeter(props: { readonly track: LocalTrack }): ReactElement {
  const bar = useRef<HTMLDivElement>(null);
  const [verdict, setVerdict] = useState<LevelVerdict>('waiting');
  const { track } = props;
  useEffect(() => {
    const source = track.mediaStreamTrack;
    if (!source) return;
    const judge = new LevelJudge();
    return watchLevel(source, (level) => {
      setVerdict(judge.judge(performance.now(), level));
      const lit = Math.round(level * SEGMENTS);
      for (const [at, segment] of [...(bar.current?.children ?? [])].entries()) {
        segment.toggleAttribute('data-lit', at < lit);
      }
    });
  }, [track]);
  return (
    <div className={css['meter']}>
      <div ref={bar} className={css['bar']} aria-hidden="true">
        {Array.from({ length: SEGMENTS }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the segments never change
          <span key={at} />
        ))}
      </div>
      <p className={css['words']} data-verdict={verdict} role="status">
        {WORDS[verdict]}
      </p>
    </div>
  );
}
