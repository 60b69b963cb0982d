import type { ReactElement } from 'react';
import css from './room-picture.module.css';

/** Where the four people of the picture sit, and where their track meets the middle. */
const PEOPLE = [
  { x: 96, y: 84, hue: 240, letters: 'AL', track: 'M96 84 C 190 84 170 210 240 210' },
  { x: 392, y: 108, hue: 150, letters: 'GH', track: 'M392 108 C 300 108 320 210 240 210' },
  { x: 84, y: 332, hue: 30, letters: 'KJ', track: 'M84 332 C 180 332 160 210 240 210' },
  { x: 396, y: 320, hue: 300, letters: 'RF', track: 'M396 320 C 300 320 320 210 240 210' },
];

/** Four people and the yard between them. Decoration. */
export function RoomPicture(): ReactElement {
  return (
    <svg className={css['picture']} viewBox="0 0 480 420" aria-hidden="true" fill="none">
      {PEOPLE.map(({ track, letters }) => (
        <g key={letters}>
          <path d={track} className={css['sleeper']} />
          <path d={track} className={css['rail']} />
          <path d={track} className={css['flow']} pathLength={100} />
        </g>
      ))}
      <circle cx="240" cy="210" r="34" className={css['hub']} />
      <path d="M224 219h32M224 219h8c9 0 7-17 16-17h8" className={css['mark']} />
      {PEOPLE.map(({ x, y, hue, letters }) => (
        <g key={letters} transform={`translate(${x} ${y})`}>
          <rect x="-62" y="-44" width="124" height="88" rx="14" className={css['tile']} />
          <circle
            r="22"
            style={{
              fill: `light-dark(oklch(0.9 0.06 ${hue}), oklch(0.38 0.08 ${hue}))`,
            }}
          />
          <text
            className={css['letters']}
            y="5"
            style={{ fill: `light-dark(oklch(0.38 0.12 ${hue}), oklch(0.94 0.04 ${hue}))` }}
          >
            {letters}
          </text>
        </g>
      ))}
      <rect x="34" y="40" width="124" height="88" rx="14" className={css['speaking']} />
    </svg>
  );
}
