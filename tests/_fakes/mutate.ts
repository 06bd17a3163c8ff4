/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

export function pick<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random() * values.length)]!;
}

/** Damages bytes in one to three places: bits, bytes, lengths, pieces cut, doubled, moved or added. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let mutant = bytes;
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) mutant = mutateOnce(mutant, random);
  return mutant;
}

function mutateOnce(bytes: Uint8Array, random: Random): Uint8Array {
  const at = Math.floor(random() * (bytes.length + 1));
  const length = Math.floor(random() ** 3 * (bytes.length - at));
  const before = bytes.subarray(0, at);
  const piece = bytes.subarray(at, at + length);
  const after = bytes.subarray(at + length);
  switch (Math.floor(random() * 9)) {
    case 0:
      return changed(bytes, at, (byte) => byte ^ 1 << Math.floor(random() * 8));
    case 1:
      return changed(bytes, at, () => pick([0, 0x0a, 0x20, 0x22, 0x7f, 0x80, 0xff], random));
    case 2:
      return before;
    case 3:
      return join(before, after);
    case 4:
      return join(before, piece, piece, after);
    case 5:
      return join(before, after, piece);
    case 6:
      return join(
        before,
        Uint8Array.from({ length: 1 + Math.floor(random() * 40) }, () => random() * 256),
        after,
      );
    case 7: {
      const length = Uint8Array.of(
        ...pick([[0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0xff, 0xff]], random),
      );
      return join(before, length, bytes.subarray(at + length.length));
    }
    default:
      return join(bytes, new Uint8Array(Math.floor(random() ** 4 * 100_000)));
  }
}

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = change(copy[at]!);
  return copy;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What a field of any type may be replaced by. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.5,
  1e308,
  1e21,
  2 ** 53,
  -(2 ** 53),
  "",
  " ",
  "0",
  "-1",
  "01",
  "0x10",
  "1e3",
  "NaN",
  "Infinity",
  "9".repeat(400),
  "a".repeat(70_000),
  "\u0000",
  "\n",
  "\ud800",
  "\ufeff",
  "é",
  "e\u0301",
  "../../etc/passwd",
  "__proto__",
  "ab".repeat(32),
  "AB".repeat(32),
  `0x${"ab".repeat(32)}`,
  "2026-02-30T00:00:00.000Z",
  [],
  {},
  [[]],
  [null],
  { "": "" },
  { length: 1e9 },
  { toString: "x", constructor: { prototype: {} } },
  Array.from({ length: 2_000 }, () => 0),
];

/** Changes one place of a JSON value: a type, a field more or less, another name, deep nesting. The input stays as it is. */
export function mutateJson(value: unknown, random: Random): unknown {
  const copy = { root: structuredClone(value) };
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (holder: Record<string, unknown>) => {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const child = holder[key];
      if (typeof child === "object" && child !== null) visit(child as Record<string, unknown>);
    }
  };
  visit(copy);
  const { holder, key } = pick(places, random);
  const isList = Array.isArray(holder);
  switch (Math.floor(random() * 7)) {
    case 0:
    case 1:
      holder[key] = pick(HOSTILE, random);
      break;
    case 2:
      if (isList) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 3:
      if (isList) holder.push(holder[Number(key)]);
      else {
        const name = pick(["", "__proto__", "constructor", "extra", `${key} `, key.toUpperCase()], random);
        Object.defineProperty(holder, name, {
          value: pick(HOSTILE, random),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      break;
    case 4:
      holder[key] = pick(places, random).holder === copy ? [] : structuredClone(pick(places, random).holder);
      break;
    case 5: {
      let nested: unknown = holder[key];
      for (let depth = Math.floor(random() ** 2 * 3_000); depth >= 0; depth--) {
        nested = depth % 2 === 0 ? [nested] : { a: nested };
      }
      holder[key] = nested;
      break;
    }
    default: {
      const now = holder[key];
      holder[key] = typeof now === "string"
        ? pick([
          `${now} `,
          ` ${now}`,
          now.toUpperCase(),
          now.slice(1),
          now + now,
          now.slice(0, -1),
          now.replace(/.$/, "\u0000"),
        ], random)
        : typeof now === "number"
        ? pick([now + 1, -now, now + 0.5, now * 1e15, String(now)], random)
        : [now];
    }
  }
  return copy.root;
}

/** Damages JSON text: its values, or its spelling and encoding where the values stay the same. */
export function mutateJsonText(text: string, random: Random): Uint8Array {
  const encode = (mutant: string) => new TextEncoder().encode(mutant);
  const kind = random();
  if (kind < 0.55) return encode(JSON.stringify(mutateJson(JSON.parse(text), random)) ?? "");
  if (kind < 0.8) return mutateBytes(encode(text), random);
  switch (Math.floor(random() * 9)) {
    case 8: {
      // Deep inside one field, in a value that is whole.
      const depth = Math.floor(random() ** 2 * 200_000);
      const fields = [...text.matchAll(/:("[^"]*"|[\d.]+)/g)];
      if (fields.length === 0) return encode(text);
      const { index, 0: field } = pick(fields, random);
      const nested = `:${"[".repeat(depth)}${"]".repeat(depth)}`;
      return encode(text.slice(0, index) + nested + text.slice(index + field.length));
    }
    case 0:
      return encode(`\ufeff${text}`);
    case 1:
      return encode(` ${text}`);
    case 2:
      return encode(`${text}${pick([" ", "\n", "{}", "\u0000", ","], random)}`);
    case 3:
      return encode(JSON.stringify(JSON.parse(text), null, 1));
    case 4:
      // The first field twice.
      return encode(text.replace(/^\{("[^"]*":)/, "{$1null,$1"));
    case 5:
      return Uint8Array.from(
        [...text].flatMap((character) => [character.charCodeAt(0) & 0xff, character.charCodeAt(0) >> 8]),
      );
    case 6:
      return encode(text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`));
    default:
      return encode(pick(["[", '{"a":'], random).repeat(Math.floor(random() * 100_000)));
  }
}
