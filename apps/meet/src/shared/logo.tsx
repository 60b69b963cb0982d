import type { ReactElement } from 'react';

/** Two tracks and a blade: the mark of the product. */
export function Logo(props: { readonly size?: number }): ReactElement {
  const { size = 24 } = props;
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      strokeWidth="2.25"
      strokeLinecap="round"
    >
      <path d="M3.5 16.5h17" stroke="var(--line-strong)" />
      <path d="M3.5 16.5h4.2c4.6 0 4-9 8.6-9h4.2" stroke="var(--accent)" />
      <circle cx="3.5" cy="16.5" r="2.5" fill="var(--text)" />
      <circle cx="20.5" cy="7.5" r="2.5" fill="var(--accent)" />
    </svg>
  );
}

/** The "Forwarded" glyph: everybody joined to one point. */
export function StarGlyph(props: { readonly size?: number }): ReactElement {
  const { size = 18 } = props;
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 20 20" fill="currentColor">
      <path
        d="M10 10V3.5M10 10l6 3.6M10 10l-6 3.6"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
      />
      <circle cx="10" cy="10" r="2.6" />
      <circle cx="10" cy="3" r="1.9" />
      <circle cx="16.4" cy="14" r="1.9" />
      <circle cx="3.6" cy="14" r="1.9" />
    </svg>
  );
}
