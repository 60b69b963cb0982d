import type { ChatMessage } from '@switchyard/client';
import { useEffect, useState } from 'react';
import { countUnread } from './unread.ts';

/** How many messages of others came since the chat was last open. */
export function useUnread(messages: readonly ChatMessage[], isOpen: boolean): number {
  const [seenId, setSeenId] = useState<string | null>(null);
  const lastId = messages.at(-1)?.id ?? null;
  useEffect(() => {
    if (isOpen) setSeenId(lastId);
  }, [isOpen, lastId]);
  return isOpen ? 0 : countUnread(messages, seenId);
}
