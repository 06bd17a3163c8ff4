import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { GlobalOptions } from "./global_options.ts";

/**
 * What a command that only holds others does by itself: it shows its help.
 *
 * @throws {UsageError} with `--json`, as help is no JSON document.
 */
export function showGroupHelp(group: AnyCommand, { json }: GlobalOptions): void {
  if (json !== true) return group.showHelp();
  const names = group.getCommands().map((command) => command.getName());
  throw new UsageError(`Cannot run ${group.getPath()} as it needs a command`, {
    facts: [`commands: ${names.join(", ")}`],
    hint: `see: ${group.getPath()} --help`,
  });
}
