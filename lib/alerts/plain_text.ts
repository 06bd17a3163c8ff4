/** What stands where something was cut off. */
const ELLIPSIS = "…";
/** Nothing behind it is looked at: whatever is shown of a text is cut far below. In UTF-16 code units. */
const LOOKED_AT = 65_536;

const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/** They turn text around, hide in it, or stand for nothing: marks and overrides of direction, zero widths, tags, noncharacters. */
const INVISIBLE =
  /[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Noncharacter_Code_Point}/gu;
const CONTROLS = /[^\P{Cc}\n]+/gu;

/**
 * A text that any channel may show: well-formed, of lines without control characters, and nothing in it that hides or turns
 * around what stands beside it. What was no text shows as `�`.
 */
export function plainText(text: string): string {
  return text.slice(0, LOOKED_AT)
    .toWellFormed()
    .replace(LINE_BREAKS, "\n")
    .replaceAll("\t", " ")
    .replace(INVISIBLE, "")
    .replace(CONTROLS, "\ufffd");
}

/** {@linkcode plainText} as one line. */
export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/gu, " ").trim();
}

/** How a limit is counted. */
export interface CutOptions {
  /** What a piece of the text takes of the limit, as the other side counts it. @default its UTF-16 code units */
  readonly sizeOf?: (piece: string) => number;
}

/**
 * The beginning of a text, no longer than the limit with the `…` that then ends it. It is cut between two of what a reader takes
 * for characters; only one that is longer than the limit by itself is cut within, between code points.
 */
export function cutText(
  text: string,
  limit: number,
  { sizeOf = (piece) => piece.length }: CutOptions = {},
): string {
  if (limit <= 0) return "";
  // A piece takes at least its code units, so nothing behind them can fit.
  const start = text.slice(0, limit + 1);
  if (start === text && sizeOf(text) <= limit) return text;
  const room = limit - sizeOf(ELLIPSIS);
  const whole = take(graphemes(start.toWellFormed()), room, sizeOf);
  return `${whole === "" ? take(start.toWellFormed(), room, sizeOf) : whole.trimEnd()}${ELLIPSIS}`;
}

const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

function* graphemes(text: string): Generator<string> {
  for (const { segment } of SEGMENTER.segment(text)) yield segment;
}

function take(pieces: Iterable<string>, room: number, sizeOf: (piece: string) => number): string {
  let taken = "";
  let left = room;
  for (const piece of pieces) {
    left -= sizeOf(piece);
    if (left < 0) break;
    taken += piece;
  }
  return taken;
}

/** As many whole lines as fit, with the breaks between them, and then how many did not. */
export function fitLines(lines: readonly string[], limit: number): string {
  const all = lines.join("\n");
  if (all.length <= limit) return all;
  const rest = (count: number) => `… and ${count} more`;
  let left = limit - rest(lines.length).length;
  const taken: string[] = [];
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    taken.push(line);
  }
  return [...taken, rest(lines.length - taken.length)].join("\n");
}
