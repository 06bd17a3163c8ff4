import type { AnyCommand } from "../../cli/any_command.ts";
import { COMMANDS } from "../../cli/commands.ts";
import type { CliContext } from "../../cli/cli_context.ts";
import { createRedactor } from "../../lib/core/redactor.ts";

/** What to give to commands that need arguments in order to get to their work; by path. */
export type ArgumentTable = Readonly<Record<string, readonly (readonly string[])[]>>;

/**
 * Command lines of the whole tree: every command without arguments, with as many words as it takes, and with each list of the
 * table. A new command is among them by itself.
 */
export async function commandLines(table: ArgumentTable): Promise<readonly (readonly string[])[]> {
  const lines: string[][] = [];
  for (const [name, load] of Object.entries(COMMANDS)) visit(await load(IDLE), [name]);
  return lines;

  function visit(command: AnyCommand, path: readonly string[]): void {
    const inner = command.getCommands(false);
    for (const each of inner) visit(each, [...path, each.getName()]);
    if (inner.length > 0) return;
    const words = command.getArguments().map(() => "1");
    const given = table[path.join(" ")] ?? (words.length > 0 ? [words] : []);
    for (const args of [[], ...given]) lines.push([...path, ...args]);
  }
}

const IDLE: CliContext = {
  env: {},
  folder: "/",
  out() {},
  err() {},
  reveal() {},
  redactor: createRedactor(),
  isTerminal: false,
  hasColor: false,
  signal: new AbortController().signal,
  exitWith() {},
};
