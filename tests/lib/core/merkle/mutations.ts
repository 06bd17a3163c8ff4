type Path = readonly Uint8Array[];

/** The bytes with one bit changed. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

/** Every path that differs from this one in a single bit. */
export function* bitFlips(path: Path): Generator<Path> {
  for (let i = 0; i < path.length; i++) {
    for (let bit = 0; bit < path[i]!.length * 8; bit++) yield path.with(i, flipBit(path[i]!, bit));
  }
}

/** Every path made by dropping, doubling, inserting or swapping nodes, or by cutting or padding one. */
export function* restructured(path: Path, strangers: Path): Generator<Path> {
  for (let length = 0; length < path.length; length++) {
    yield path.slice(0, length);
    yield path.slice(path.length - length);
  }
  for (let i = 0; i < path.length; i++) {
    yield path.toSpliced(i, 1);
    yield path.toSpliced(i, 0, path[i]!);
    yield path.with(i, path[i]!.subarray(0, 31));
    yield path.with(i, new Uint8Array([...path[i]!, 0]));
    yield path.with(i, new Uint8Array());
    for (let j = i + 1; j < path.length; j++) yield path.with(i, path[j]!).with(j, path[i]!);
  }
  for (const stranger of strangers) {
    for (let i = 0; i <= path.length; i++) yield path.toSpliced(i, 0, stranger);
    for (let i = 0; i < path.length; i++) yield path.with(i, stranger);
  }
  if (path.length > 1) {
    yield path.toReversed();
    yield [...path.slice(1), path[0]!];
  }
}

/** Values of every kind that a caller without types might pass where something else belongs. */
export function hostileValues(): unknown[] {
  const throwing = new Proxy({}, {
    get() {
      throw new Error("trap");
    },
  });
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  return [
    null,
    undefined,
    true,
    0,
    1,
    1.5,
    NaN,
    -1,
    Infinity,
    "",
    "0",
    "x".repeat(32),
    -1n,
    1n << 63n,
    1n << 64n,
    (1n << 64n) + 1n,
    1n << 4096n,
    Symbol("size"),
    () => 1n,
    {},
    [],
    [null],
    new Uint8Array(),
    new Uint8Array(31),
    new Uint8Array(33),
    new Uint8Array(64),
    new Array(32).fill(0),
    new Uint16Array(32),
    new ArrayBuffer(32),
    new DataView(new ArrayBuffer(32)),
    { length: 32 },
    { length: 1e9 },
    new Array(1e6),
    new Array(65).fill(new Uint8Array(32)),
    new Array(66).fill(new Uint8Array(32)),
    { valueOf: () => 1n },
    throwing,
    revoked.proxy,
  ];
}

/** An array whose iterator never ends. */
export function endlessPath(): Uint8Array[] {
  const path: Uint8Array[] = [new Uint8Array(32)];
  path[Symbol.iterator] = function* (): ArrayIterator<Uint8Array> {
    while (true) yield new Uint8Array(32);
  };
  return path;
}
