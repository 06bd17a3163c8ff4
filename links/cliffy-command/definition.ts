import type { AnyCommand } from "./command.ts";

/** A positional argument of a command, or the value of an option. */
export interface Argument {
  name: string;
  /** Name of the type that reads it. */
  type: string;
  /** Written in square brackets. */
  optional: boolean;
  /** Takes all the values that are left. */
  variadic: boolean;
  /** One word holds several values, separated by commas. */
  list: boolean;
}

/** What can be said about an option besides its flags. */
export interface OptionOptions {
  /** Value where the option is not given; a function is called to make it. */
  default?: unknown;
  /** Refuse a command line without it. */
  required?: boolean;
  /** May be given several times; the value is an array. */
  collect?: boolean;
  /** Leave it out of help. */
  hidden?: boolean;
  /** Names of options that must not be set beside it. A default counts as set. */
  conflicts?: string[];
  /** Names of options that must be set beside it. A default counts as set. */
  depends?: string[];
  /** Known to all subcommands too. */
  global?: boolean;
}

/** An option of a command. */
export interface Option extends OptionOptions {
  /** The first long flag, without its dashes. */
  name: string;
  /** As written: `["-r", "--run"]`. */
  flags: string[];
  description: string;
  /** The value it takes, if any. */
  args: Argument[];
  /** Replaces the command's action, and tolerates no other option: help and version. */
  standalone?: (command: AnyCommand, args: readonly string[]) => void;
}

const ARGUMENT = /^([<[])([^:.>\]]+)(\.\.\.)?(?::([\w-]+)(\[\])?)?[>\]]$/;

/** Reads `<id:string> [out:string]`. Throws where an argument could never be filled. */
export function parseArguments(definition: string): Argument[] {
  const read: Argument[] = [];
  for (const word of definition.split(/ +/).filter(Boolean)) {
    const [, bracket, name, dots, type = "string", list] = ARGUMENT.exec(word) ?? [];
    if (name === undefined) throw new Error(`Cannot read the argument "${word}" of "${definition}"`);
    const before = read.at(-1);
    const optional = bracket === "[";
    if (before?.variadic || (before?.optional && !optional)) {
      throw new Error(`The argument "${word}" of "${definition}" could never be filled`);
    }
    read.push({ name, type, optional, variadic: dots !== undefined, list: list !== undefined });
  }
  return read;
}

/** Reads `-r, --run <id:string>`. */
export function parseOption(definition: string, description: string, options: OptionOptions): Option {
  const [, flagsText = "", typeDefinition = ""] = /^(.*?)(?:[ =]([<[].*))?$/.exec(definition) ?? [];
  const flags = flagsText.split(/[, ]+/).filter(Boolean);
  const name = flags.find((flag) => flag.startsWith("--"))?.slice(2);
  if (!name) throw new Error(`The option "${definition}" has no long flag`);
  const args = parseArguments(typeDefinition);
  if (args.length > 1 || args[0]?.variadic) {
    throw new Error(`The option "${definition}" takes several values, which this stand-in does not cover`);
  }
  return { ...options, name, flags, description, args };
}

/** The name of an option's value: `data-set` → `dataSet`, `no-anchor` → `anchor`. */
export function propertyOf(name: string): string {
  return name.replace(/^no-/, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
