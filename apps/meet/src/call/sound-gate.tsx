import { useAudioPlayback } from '@switchyard/react';
import { Volume2 } from 'lucide-react';
import type { ReactElement } from 'react';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import css from './sound-gate.module.css';

/** Some browsers play no sound before a click: asks for it. */
export function SoundGate(): ReactElement | null {
  const { isBlocked, start } = useAudioPlayback();
  if (!isBlocked) return null;
  return (
    <div className={css['gate']} role="alert">
      <p>Your browser waits for a click before it plays sound.</p>
      <button
        type="button"
        className={cx(button['button'], button['primary'])}
        onClick={() => void start().catch(() => undefined)}
      >
        <Volume2 aria-hidden="true" size={18} strokeWidth={1.75} />
        Turn sound on
      </button>
    </div>
  );
}
