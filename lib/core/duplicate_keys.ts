const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The first key that an object of the text repeats, unescaped; `undefined` when there is none. `JSON.parse` would
 * silently keep the last of the two values, so two readers of the same bytes could see different ones.
 *
 * Takes time linear in the text and no recursion, whatever the nesting.
 *
 * @param jsonText text that `JSON.parse` accepts; for any other the answer means nothing
 */
export function findDuplicateKey(jsonText: string): string | undefined {
  // One entry an open bracket: the keys seen so far, or undefined inside an array.
  const open: (Set<string> | undefined)[] = [];
  let keys: Set<string> | undefined;
  let isKeyNext = false;
  for (let i = 0; i < jsonText.length; i++) {
    switch (jsonText[i]) {
      case "{":
        open.push(keys = new Set());
        isKeyNext = true;
        break;
      case "[":
        open.push(keys = undefined);
        isKeyNext = false;
        break;
      case "}":
      case "]":
        open.pop();
        keys = open.at(-1);
        isKeyNext = false;
        break;
      case ",":
        isKeyNext = keys !== undefined;
        break;
      case '"': {
        const end = endOfString(jsonText, i);
        if (isKeyNext && keys !== undefined) {
          const key = unescape(jsonText.slice(i, end));
          if (keys.has(key)) return key;
          keys.add(key);
          isKeyNext = false;
        }
        i = end - 1;
        break;
      }
    }
  }
  return undefined;
}

/** Past the closing quote of the JSON string that opens at `start`; the end of the text when it is never closed. */
export function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) return i + 1;
    if (unit === BACKSLASH) i++;
  }
  return text.length;
}

function unescape(literal: string): string {
  return literal.includes("\\") ? JSON.parse(literal) as string : literal.slice(1, -1);
}
