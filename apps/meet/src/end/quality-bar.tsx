import type { ReactElement } from 'react';
import type { QualityShares } from '../call/quality-tally.ts';
import css from './end-page.module.css';

const PARTS = [
  { key: 'excellent', label: 'Excellent' },
  { key: 'good', label: 'Good' },
  { key: 'poor', label: 'Weak' },
  { key: 'lost', label: 'Lost' },
] as const;

/** How the time divides up among the qualities. The sentence beside it says the same. */
export function QualityBar(props: { readonly quality: QualityShares }): ReactElement {
  const { quality } = props;
  const present = PARTS.filter(({ key }) => quality[key] >= 0.005);
  return (
    <div>
      <div className={css['bar']} aria-hidden="true">
        {present.map(({ key }) => (
          <span key={key} className={css[key]} style={{ flexGrow: quality[key] }} />
        ))}
      </div>
      <ul className={css['legend']}>
        {present.map(({ key, label }) => (
          <li key={key}>
            <span className={css[key]} aria-hidden="true" />
            {label} {Math.round(quality[key] * 100)} %
          </li>
        ))}
      </ul>
    </div>
  );
}
