import { eastAsianWidth } from "get-east-asian-width";

// Hangul medial vowels and final consonants (U+1160 to U+11FF, U+D7B0 to U+D7FF) merge into the syllable before them.
const noWidth = /[\p{Mn}\p{Me}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]/u;

/** Counts the terminal columns that a text takes. Remove colour codes first. */
export function unicodeWidth(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (!noWidth.test(character)) columns += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return columns;
}
