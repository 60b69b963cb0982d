const FENCE = /^ {0,3}(```|~~~)[\s\S]*?^ {0,3}\1[^\S\n]*$/gm;
const INLINE_CODE = /(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g;
const LINK = /\]\(\s*(?:<([^>\n]*)>|([^\s)]+))(?:\s+"[^"]*")?\s*\)/g;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:\s*(?:<([^>\n]*)>|(\S+))/gm;
const HTML = /<(?:img|a)\b[^>]*?\b(?:src|href)="([^"]*)"/g;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/gm;

/** Relative targets of a Markdown text's links, images and definitions, without those to other sites. */
export function findTargets(markdown: string): string[] {
  const text = markdown.replaceAll(FENCE, '').replaceAll(INLINE_CODE, '');
  return [LINK, DEFINITION, HTML]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(([, first, second]) => first ?? second ?? '')
    .filter((target) => target !== '' && !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target));
}

/** The anchors that a Markdown text's headings get: lower case, punctuation left out, blanks as hyphens. */
export function headingAnchors(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  for (const [, heading = ''] of markdown.replaceAll(FENCE, '').matchAll(HEADING)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const anchor = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}
