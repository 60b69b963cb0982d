export interface TextPart {
  /** Where it starts in the whole text. */
  readonly at: number;
  readonly text: string;
  /** Null: plain text. Only http and https. */
  readonly href: string | null;
}

const LINK = /https?:\/\/[^\s<>"']+/gi;
/** Belongs to the sentence, not to the link, when it stands at the end. */
const TRAILING = /[.,;:!?)\]}]+$/;

/** Cuts a text where links begin and end. The parts together are the text. */
export function linkify(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const link = found.replace(TRAILING, '');
    if (!URL.canParse(link)) continue;
    if (index > done) parts.push({ at: done, text: text.slice(done, index), href: null });
    parts.push({ at: index, text: link, href: new URL(link).href });
    done = index + link.length;
  }
  if (done < text.length) parts.push({ at: done, text: text.slice(done), href: null });
  return parts;
}
