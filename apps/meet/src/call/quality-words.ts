import type { ConnectionQuality, MediaState } from '@switchyard/client';

/** What to tell about one's own line; null while there is nothing to tell. */
export function ownQualityWords(quality: ConnectionQuality, media: MediaState): string | null {
  if (media === 'interrupted') return 'Sound and pictures are interrupted. Finding another way.';
  if (quality === 'lost') return 'The others may not hear or see you just now.';
  if (quality === 'poor') return 'Your connection is weak. Others may see and hear you stutter.';
  return null;
}

/** For a name plate; null while all is well. */
export function theirQualityWords(quality: ConnectionQuality): string | null {
  if (quality === 'lost') return 'No connection';
  return quality === 'poor' ? 'Weak connection' : null;
}
