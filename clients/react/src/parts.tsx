import type { Track, TrackPublication } from '@switchyard/client';
import { type ComponentProps, type ReactElement, useEffect, useRef } from 'react';
import { useAudioPlayback } from './media.ts';
import { useRevision } from './use-slice.ts';

export interface VideoTrackProps extends Omit<ComponentProps<'video'>, 'ref'> {
  readonly publication: TrackPublication;
  /** Shows the picture as in a mirror: for one's own camera. */
  readonly isMirrored?: boolean;
}

/** A publication's picture. Its size and visibility tell the server what to send. */
export function VideoTrack({
  publication,
  isMirrored,
  style,
  ...props
}: VideoTrackProps): ReactElement {
  const ref = useRef<HTMLVideoElement>(null);
  useRevision(publication, ['updated']);
  const track: Track = publication.track;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  return (
    <video
      {...props}
      ref={ref}
      autoPlay
      muted
      playsInline
      data-sy-source={publication.source}
      data-sy-muted={publication.isMuted || undefined}
      style={isMirrored ? { ...style, transform: 'scaleX(-1)' } : style}
    />
  );
}

/** Remote sound plays by itself; this asks for the click that some browsers want before it does. */
export function AudioRenderer({
  label = 'Turn sound on',
  ...props
}: ComponentProps<'button'> & { label?: string }): ReactElement | null {
  const { isBlocked, start } = useAudioPlayback();
  if (!isBlocked) return null;
  return (
    <button {...props} type="button" onClick={() => void start().catch(() => undefined)}>
      {label}
    </button>
  );
}
