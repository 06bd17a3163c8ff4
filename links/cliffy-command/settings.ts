// deno-lint-ignore-file no-explicit-any -- types are not tracked: an action states its own
import type { AnyCommand } from "./command.ts";
import type { Argument, Option } from "./definition.ts";
import type { Type, TypeHandler } from "./type.ts";

/** What a command does; `this` is the command itself. */
export type Action = (this: AnyCommand, options: any, ...args: any[]) => unknown;

/** What the calls that build a command leave behind. */
export class Settings {
  name = "COMMAND";
  version?: string;
  description = "";
  action?: Action;
  isHidden = false;
  throwErrors = false;
  noExit = false;
  literal: string[] = [];
  arguments: Argument[] = [];
  readonly aliases: string[] = [];
  readonly examples: { name: string; description: string }[] = [];
  readonly options: Option[] = [];
  readonly types: Map<string, Type<unknown> | TypeHandler<unknown>> = new Map();
  readonly commands: Map<string, AnyCommand> = new Map();
}
