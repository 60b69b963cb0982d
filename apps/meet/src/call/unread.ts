import type { ChatMessage } from '@switchyard/client';

/** Messages of others after the one last seen; null: none was seen. */
export function countUnread(messages: readonly ChatMessage[], seenId: string | null): number {
  const from = messages.findIndex(({ id }) => id === seenId) + 1;
  return messages.slice(from).filter(({ isOwn }) => !isOwn).length;
}
