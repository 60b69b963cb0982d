import type { ReactElement } from 'react';

/** Three bars of which one is lit: a weak line. */
export function WeakLineIcon(props: { readonly size?: number }): ReactElement {
  const { size = 16 } = props;
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 16 16" fill="currentColor">
      <rect x="2" y="10" width="3" height="4" rx="1" />
      <rect x="6.5" y="6.5" width="3" height="7.5" rx="1" opacity="0.35" />
      <rect x="11" y="3" width="3" height="11" rx="1" opacity="0.35" />
    </svg>
  );
}
