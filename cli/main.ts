import { ValidationError } from "@cliffy/command";
import { PotError } from "../lib/core/errors.ts";
import { createRedactor } from "../lib/core/redactor.ts";
import type { CliContext } from "./cli_context.ts";
import { formatError } from "./output.ts";
import { processEnvironment } from "./process_environment.ts";
import { runCommand } from "./run_command.ts";
import { createStopSignal, INTERRUPTED_EXIT_CODE } from "./stop_signal.ts";

/** What `runCli` adds to a context by itself. */
type OwnContext = "exitWith" | "redactor" | "reveal";

/**
 * Runs the command line with everything injected and answers with the exit code. Whatever is written passes the redactor; it learns
 * this installation's secrets with the configuration, or else when an error is to be told.
 */
export async function runCli(
  args: readonly string[],
  given: Omit<CliContext, OwnContext>,
): Promise<number> {
  let code = 0;
  const redactor = createRedactor();
  const { askSecret } = given;
  const context: CliContext = {
    ...given,
    ...(askSecret && {
      askSecret: async (question) => {
        const answer = await askSecret(question);
        if (answer !== undefined) redactor.learn([answer]);
        return answer;
      },
    }),
    redactor,
    out: (text) => given.out(redactor.known(text)),
    err: (text) => given.err(redactor.known(text)),
    reveal: given.out,
    exitWith: (chosen) => code = chosen,
  };
  try {
    await runCommand(context, args);
    return code;
  } catch (error) {
    context.err(await errorText(error, args, context));
    if (context.signal.aborted) return INTERRUPTED_EXIT_CODE;
    if (error instanceof ValidationError) return 2;
    return error instanceof PotError ? error.exitCode : 1;
  }
}

async function errorText(
  error: unknown,
  args: readonly string[],
  { redactor, folder, env }: Pick<CliContext, "redactor" | "folder" | "env">,
): Promise<string> {
  // Loaded only now: a command that needs no configuration prints nothing of the environment but in an error.
  const { learnSecrets } = await import("../lib/runtime/learn_secrets.ts");
  await learnSecrets(redactor, { folder, env });
  return formatError(error, { isJson: args.includes("--json"), redactor });
}

/** The real context of this process. */
async function processContext(signal: AbortSignal): Promise<Omit<CliContext, OwnContext>> {
  const encoder = new TextEncoder();
  const writeAll = (stream: typeof Deno.stdout, text: string) => {
    const bytes = encoder.encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      // Whoever read us has seen enough, as in `pot runs | head`.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  };
  const env = await processEnvironment();
  const isTerminal = Deno.stderr.isTerminal() && Deno.stdout.isTerminal();
  return {
    env,
    folder: Deno.cwd(),
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => {
      try {
        writeAll(Deno.stderr, text);
      } catch {
        // A daemon whose log lies on a full disk works on without.
      }
    },
    isTerminal,
    hasColor: isTerminal && (env["NO_COLOR"] ?? "") === "",
    ...(Deno.stdin.isTerminal() && Deno.stderr.isTerminal()
      ? {
        ...noteAsking(secretPrompt(writeAll, signal)),
        confirm: (question: string) => Promise.resolve(globalThis.confirm(question)),
      }
      : {}),
    signal,
  };
}

/** The same prompt, and whether it waits for an answer. */
function noteAsking(ask: NonNullable<CliContext["askSecret"]>): Pick<CliContext, "askSecret" | "isAsking"> {
  let waiting = 0;
  return {
    isAsking: () => waiting > 0,
    async askSecret(question) {
      waiting++;
      try {
        return await ask(question);
      } finally {
        waiting--;
      }
    },
  };
}

/** Loaded when the first question is asked; the same one for all, as answers may be typed ahead. */
function secretPrompt(
  write: (stream: typeof Deno.stderr, text: string) => void,
  signal: AbortSignal,
): NonNullable<CliContext["askSecret"]> {
  let loaded: Promise<NonNullable<CliContext["askSecret"]>> | undefined;
  const load = async () => {
    const { createSecretPrompt } = await import("./ask_secret.ts");
    return createSecretPrompt({ input: Deno.stdin, write: (text) => write(Deno.stderr, text), signal });
  };
  return async (question) => await (await (loaded ??= load()))(question);
}

function listenForSignals(onSignal: () => void): void {
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // Windows knows no SIGTERM; what cannot be listened to ends the process by itself.
    if (Deno.build.os !== "windows" || name === "SIGINT") Deno.addSignalListener(name, onSignal);
  }
}

/** Runs the command line as this process: its environment, terminal and signals. */
export async function runHere(args: readonly string[]): Promise<number> {
  const signal = createStopSignal({
    listen: listenForSignals,
    exit: Deno.exit,
    now: () => performance.now(),
  });
  const context = await processContext(signal);
  const endWith = (event: Event, error: unknown) => {
    // Deno itself would print the error as it is, with whatever secrets are in it.
    event.preventDefault();
    errorText(error, args, { ...context, redactor: createRedactor() })
      .then(context.err).finally(() => Deno.exit(1));
  };
  globalThis.addEventListener("unhandledrejection", (event) => endWith(event, event.reason));
  globalThis.addEventListener("error", (event) => endWith(event, event.error));
  return await runCli(args, context);
}

if (import.meta.main) Deno.exit(await runHere(Deno.args));
