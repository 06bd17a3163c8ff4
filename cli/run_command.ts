import { resolve } from "node:path";
import type { AccessGate } from "../lib/access/access_gate.ts";
import type { Verb } from "../lib/access/permissions.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { COMMAND_VERBS, mayChange } from "./command_verbs.ts";
import type { GlobalOptions } from "./global_options.ts";
import { firstWord, potCommand } from "./pot_command.ts";

/** What the runtime notes itself, as it happens and with what it is done to; here it is only asked for. */
const NOTED_BELOW: readonly Verb[] = [
  ...["record.append", "anchor.refresh", "anchor.send", "tokens.new", "tokens.revoke"] as const,
];

/** Reads a command line and runs the command that it names, once whoever acts is allowed to. Throws what the command throws. */
export async function runCommand(context: CliContext, args: readonly string[]): Promise<void> {
  const run = async (running: CliContext) => {
    await (await potCommand(running, args)).parse([...args]);
  };
  if (!mayChange(firstWord(args))) return await run(context);
  const meant = await readCommandLine(context, args);
  // Help or version, which are printed by now.
  if (meant === undefined) return;
  const verb = verbOf(meant);
  if (verb === undefined) return await run(context);
  await guard(context, { ...meant, verb }, (access) => run({ ...context, access }));
}

/** What a command line comes to. */
export interface CommandLine {
  /** The command's words, such as `contract pause`. */
  readonly path: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly given: readonly string[];
}

/**
 * Asks the command library which command a line names and with which options, and runs none: in a tree of its own every action
 * is replaced. So what is asked for and what is run cannot be two readings of one line. `undefined` where it was for help or version.
 *
 * @throws {ValidationError} where the line is wrong
 */
export async function readCommandLine(
  context: CliContext,
  args: readonly string[],
): Promise<CommandLine | undefined> {
  const root = await potCommand(context, args);
  let found: CommandLine | undefined;
  const replaceActions = (command: AnyCommand, words: readonly string[]) => {
    command.action((options: Record<string, unknown>, ...given: string[]) => {
      found = { path: words.join(" "), options, given: given.flat().map(String) };
    });
    for (const child of command.getCommands(true)) replaceActions(child, [...words, child.getName()]);
  };
  replaceActions(root, []);
  await root.parse([...args]);
  return found;
}

/** What a command line asks for; `undefined` where it changes nothing. */
export function verbOf({ path, options }: Pick<CommandLine, "path" | "options">): Verb | undefined {
  const rule = Object.hasOwn(COMMAND_VERBS, path) ? COMMAND_VERBS[path] : undefined;
  return typeof rule === "function" ? rule(options) : rule;
}

async function guard(
  context: CliContext,
  { verb, options, given }: CommandLine & { readonly verb: Verb },
  work: (access: AccessGate) => Promise<void>,
): Promise<void> {
  const [{ readSources }, { readAccess }, { openAccess }, { hideTokens }] = await Promise.all([
    import("./load_config.ts"),
    import("../lib/runtime/read_access.ts"),
    import("../lib/runtime/open_access.ts"),
    import("../lib/access/token_text.ts"),
  ]);
  // Before there is an installation, no file of another one says who acts.
  const sources = verb === "home.init"
    ? { folder: context.folder, env: context.env, flags: homeFlag(context, options) }
    : await readSources(context, options as GlobalOptions);
  const { gate } = openAccess(readAccess(sources));
  if (!NOTED_BELOW.includes(verb)) {
    const subject = context.redactor(hideTokens(given.join(" ")));
    return await gate.perform(verb, subject, work);
  }
  await gate.check(verb);
  await work(gate);
}

function homeFlag({ folder }: CliContext, { home }: Readonly<Record<string, unknown>>) {
  return typeof home === "string" ? { home: resolve(folder, home) } : {};
}
