import type { LocalParticipant, Participant } from '@switchyard/client';

/** Attribute that holds when a hand was raised, ms since the epoch; absent: it is down. */
const ATTRIBUTE = 'hand';

/** When this person raised a hand; null: it is down. */
export function handRaisedAt(participant: Participant): number | null {
  const at = Number(participant.attributes[ATTRIBUTE] ?? '');
  return at > 0 ? at : null;
}

export async function setHandRaised(
  me: LocalParticipant,
  isRaised: boolean,
  now: number,
): Promise<void> {
  await me.setAttributes({ [ATTRIBUTE]: isRaised ? String(now) : '' });
}

/** Those who want to speak, who asked first comes first. */
export function handQueue(people: readonly Participant[]): readonly Participant[] {
  return people
    .filter((one) => handRaisedAt(one) !== null)
    .sort((a, b) => (handRaisedAt(a) ?? 0) - (handRaisedAt(b) ?? 0));
}
