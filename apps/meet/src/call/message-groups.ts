import type { ChatMessage } from '@switchyard/client';

export interface MessageGroup {
  /** Of its first message. */
  readonly id: string;
  readonly identity: string;
  readonly name: string;
  readonly isOwn: boolean;
  readonly isPrivate: boolean;
  /** Of its first message, ms since the epoch. */
  readonly sentAt: number;
  readonly messages: readonly ChatMessage[];
}

/** A pause of this length starts a new group, so that its time is told. ms. */
const PAUSE_MS = 5 * 60_000;

/** Puts together what one person wrote in one go. */
export function groupMessages(messages: readonly ChatMessage[]): readonly MessageGroup[] {
  const groups: MessageGroup[] = [];
  for (const message of messages) {
    const last = groups.at(-1);
    const lastSentAt = last?.messages.at(-1)?.sentAt ?? 0;
    const belongs =
      last?.identity === message.from.identity &&
      last.isPrivate === message.isPrivate &&
      message.sentAt - lastSentAt < PAUSE_MS;
    if (last && belongs) {
      groups[groups.length - 1] = { ...last, messages: [...last.messages, message] };
      continue;
    }
    groups.push({
      id: message.id,
      identity: message.from.identity,
      name: message.from.name || message.from.identity,
      isOwn: message.isOwn,
      isPrivate: message.isPrivate,
      sentAt: message.sentAt,
      messages: [message],
    });
  }
  return groups;
}
