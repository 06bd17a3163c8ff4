// deno-lint-ignore-file no-explicit-any -- types are not tracked: an action states its own
import type { AnyCommand } from "./command.ts";
import type { Argument, Option } from "./definition.ts";
import type { Type, TypeHandler } from "./type.ts";

/** What a command does; `this` is the command itself. */
export type Action = (this: AnyCommand, options: any, ...args: any[]) => unknown;

/** What the calls that build a command leave behind. */
export interface Settings {
  name: string;
  version?: string;
  description: string;
  usage?: string;
  aliases: string[];
  examples: { name: string; description: string }[];
  arguments: Argument[];
  options: Option[];
  types: Map<
    string,
    { handler: Type<unknown> | TypeHandler<unknown>; global: boolean }
  >;
  commands: Map<string, AnyCommand>;
  action?: Action;
  hidden: boolean;
  throwErrors: boolean;
  noExit: boolean;
  hasDefaults: boolean;
  literal: string[];
}

/** The settings of a command of which nothing was said yet. */
export function newSettings(): Settings {
  return {
    name: "COMMAND",
    description: "",
    aliases: [],
    examples: [],
    arguments: [],
    options: [],
    types: new Map(),
    commands: new Map(),
    hidden: false,
    throwErrors: false,
    noExit: false,
    hasDefaults: false,
    literal: [],
  };
}
