import { useRoom, useStats } from '@switchyard/react';
import { Copy, X } from 'lucide-react';
import type { ReactElement } from 'react';
import { Button } from 'react-aria-components';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import css from './stats-overlay.module.css';
import { connectionRows, inBitrate, statsAsText, type TrackRow, trackRows } from './stats-words.ts';

/** Figures of the call, over the stage. */
export function StatsOverlay(): ReactElement | null {
  const { ui } = useCall();
  return useStore(ui).isStatsOpen ? <Overlay /> : null;
}

function Overlay(): ReactElement {
  const { ui, announcer } = useCall();
  const room = useRoom();
  const sample = useStats();
  const nameOf = (trackSid: string): string => {
    for (const person of room.remoteParticipants.values()) {
      if (person.trackPublications.has(trackSid)) return person.name;
    }
    return 'You';
  };
  const rows = sample ? trackRows(sample, nameOf) : [];
  const copy = () =>
    void navigator.clipboard
      .writeText(sample ? statsAsText(sample, nameOf, room.name) : '')
      .then(() => announcer.say('Statistics copied.'))
      .catch(() => announcer.say('The browser does not allow copying.'));
  return (
    <section className={css['overlay']} aria-labelledby="stats">
      <header className={css['header']}>
        <h2 id="stats" className={css['title']}>
          Statistics
        </h2>
        <Button className={css['tool'] ?? ''} aria-label="Copy as text" onPress={copy}>
          <Copy aria-hidden="true" size={17} strokeWidth={1.75} />
        </Button>
        <Button
          className={css['tool'] ?? ''}
          aria-label="Close statistics"
          onPress={() => ui.change({ isStatsOpen: false })}
        >
          <X aria-hidden="true" size={18} strokeWidth={1.75} />
        </Button>
      </header>
      {sample ? (
        <div className={css['body']}>
          <dl className={css['facts']}>
            {connectionRows(sample).map(({ label, value }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <Tracks title="You send" rows={rows.filter(({ isOutgoing }) => isOutgoing)} />
          <Tracks title="You receive" rows={rows.filter(({ isOutgoing }) => !isOutgoing)} />
        </div>
      ) : (
        <p className={css['waiting']}>Measuring</p>
      )}
    </section>
  );
}

function Tracks(props: {
  readonly title: string;
  readonly rows: readonly TrackRow[];
}): ReactElement | null {
  const { title, rows } = props;
  if (rows.length === 0) return null;
  return (
    <table className={css['tracks']}>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Rate</th>
          <th scope="col">Picture</th>
          <th scope="col">Loss</th>
          <th scope="col">Codec</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.trackSid}>
            <th scope="row">{row.what}</th>
            <td>{inBitrate(row.bitrateBps)}</td>
            <td>{row.picture}</td>
            <td data-bad={row.isLossy || undefined}>{row.loss}</td>
            <td>{row.codec}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
