/** The terminal that a secret is typed into. */
export interface SecretTerminal {
  /** Bytes as they are typed. */
  readonly input: Pick<typeof Deno.stdin, "read" | "setRaw">;
  /** Where the question goes. */
  write(text: string): void;
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
}

const END = "\r\n";
const ERASE = "\b\x7f";
/** Ctrl-C where the terminal sends it as a byte, and Ctrl-D. */
const CANCEL = "\x03\x04";

/**
 * Asks questions whose answers are not shown, not even their length. Without blocking, so that Ctrl-C works meanwhile.
 *
 * @returns asks one question; answers `undefined` when the person gives up or the input ends
 */
export function createSecretPrompt(
  { input, write, signal }: SecretTerminal,
): (question: string) => Promise<string | undefined> {
  const decoder = new TextDecoder();
  /** Typed ahead, behind the last answer. */
  let waiting = "";

  async function readMore(): Promise<boolean> {
    const chunk = new Uint8Array(1_024);
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      signal.throwIfAborted();
      const length = await Promise.race([input.read(chunk), aborted.promise]);
      waiting += decoder.decode(chunk.subarray(0, length ?? 0), { stream: true });
      return length !== null;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async function readAnswer(): Promise<string | undefined> {
    const answer: string[] = [];
    while (true) {
      if (waiting === "" && !await readMore()) return undefined;
      const characters = [...waiting];
      for (const [i, character] of characters.entries()) {
        waiting = characters.slice(i + 1).join("");
        if (END.includes(character)) return answer.join("");
        if (CANCEL.includes(character)) return undefined;
        if (ERASE.includes(character)) answer.pop();
        else answer.push(character);
      }
    }
  }

  return async (question) => {
    write(`${question}: `);
    input.setRaw(true, { cbreak: Deno.build.os !== "windows" });
    try {
      return await readAnswer();
    } finally {
      input.setRaw(false);
      write("\n");
    }
  };
}
