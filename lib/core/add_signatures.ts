import { formatSignatureLine, type NoteSignature, parseCheckpointNote } from "./checkpoint_note.ts";
import { toHex } from "./hex.ts";

/**
 * A checkpoint note with the signatures of another one over the same text besides its own: where both have a line by the same
 * key, the other's takes its place, as a witness that signs again says so with a newer time. Verifies none of them.
 *
 * @returns `undefined` where the other note is over another text
 * @throws {PotError} where one is no checkpoint note, or the result would have too many signatures
 */
export function addSignatures(note: string, other: string): string | undefined {
  const [own, added] = [parseCheckpointNote(note), parseCheckpointNote(other)];
  if (own.text !== added.text) return undefined;
  const lines = new Map<string, string>();
  for (const signature of [...own.signatures, ...added.signatures]) {
    lines.set(keyOf(signature), formatSignatureLine(signature));
  }
  const merged = `${own.text}\n${[...lines.values()].join("")}`;
  // Both may be full.
  parseCheckpointNote(merged);
  return merged;
}

function keyOf({ name, keyHash }: NoteSignature): string {
  return `${name} ${toHex(keyHash)}`;
}
