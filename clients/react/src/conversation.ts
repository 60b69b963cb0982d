import type { ChatMessage, Moderation } from '@switchyard/client';
import { useRoom } from './room-context.tsx';
import { useSlice } from './use-slice.ts';

/** What was written, oldest first, and how to write. */
export function useChat(): {
  readonly messages: readonly ChatMessage[];
  readonly send: (text: string, options?: { to?: readonly string[] }) => Promise<void>;
} {
  const { chat } = useRoom();
  const messages = useSlice(chat, ['message'], () => chat.messages);
  return { messages, send: (text, options) => chat.send(text, options) };
}

/** The host's actions; null for those who may not. */
export function useModeration(): Moderation | null {
  const room = useRoom();
  const { localParticipant } = room;
  const canModerate = useSlice(
    localParticipant,
    ['updated'],
    () => localParticipant.permissions.canModerate,
  );
  return canModerate ? room.moderation : null;
}
