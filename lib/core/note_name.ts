/**
 * Whether text may stand as a key name in a signed note: not empty, no Unicode space, no plus sign, no ASCII
 * control character below a space (C2SP signed-note), and well-formed.
 */
export function isNoteName(text: string): boolean {
  return text !== "" && text.isWellFormed() && !/[\p{White_Space}+]|[\p{Cc}--[\u007f-\u009f]]/v.test(text);
}
