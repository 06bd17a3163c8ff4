/** Of this file's thread; a second hold inside the first takes no second lock. */
let held: Deno.FsFile | undefined;

/**
 * Sets variables of this process, `undefined` removes one, until it is disposed. Test files that run side by side share the
 * environment, so whoever holds it keeps the others waiting.
 */
export function holdEnvironment(wanted: Readonly<Record<string, string | undefined>>): Disposable {
  const isOuter = held === undefined;
  if (isOuter) {
    // This very file is the lock, so that none is left behind; waiting blocks this test file's thread alone.
    held = Deno.openSync(new URL(import.meta.url), { read: true });
    held.lockSync(true);
  }
  const before = Object.keys(wanted).map((name) => [name, Deno.env.get(name)] as const);
  const put = (name: string, value: string | undefined) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  for (const [name, value] of Object.entries(wanted)) put(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) put(name, value);
      if (!isOuter) return;
      held?.close();
      held = undefined;
    },
  };
}
