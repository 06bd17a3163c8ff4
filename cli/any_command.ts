import type { Command } from "@cliffy/command";

/** A finished command, its option and argument types no longer tracked: what one command can take as a subcommand. */
// deno-lint-ignore no-explicit-any -- Cliffy's own way to say "any command"
export type AnyCommand = Command<any>;
