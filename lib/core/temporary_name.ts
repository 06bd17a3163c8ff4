const UNFINISHED = /\.(?:tmp|temp|part|partial|crdownload|download|incomplete|in-?progress|writing)$/i;
/** `model.tmp.123`, `tmp-checkpoint-500`, `1000.orbax-checkpoint-tmp-17`. */
const TMP_PART = /(?:^|[._-])tmp(?:[._-]|$)/i;
const EDITOR = /~$|^#.*#$|\.(?:sw[opx]|lock)$/i;

/** Whether the name says that its writer is not done: it will be renamed, or deleted, and is never a result itself. */
export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name) || TMP_PART.test(name);
}

/** Whether the name is none that a training checkpoint has: unfinished, hidden (a leading dot), an editor's or a lock. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith(".") || isUnfinishedName(name) || EDITOR.test(name);
}
