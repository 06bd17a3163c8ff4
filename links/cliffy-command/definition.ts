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
  /** As written: `<id:string>`; empty for a flag that takes no value. */
  typeDefinition: string;
  /** The value it takes, if any. */
  args: Argument[];
  /** Replaces the command's action, and tolerates no other option: help and version. */
  standalone?: (command: AnyCommand, args: readonly string[]) => void;
}

const argumentPattern = /^([<[])(\.\.\.)?([^:.>\]]+)(\.\.\.)?(?::([^:>\]]+(?:\[\])?))?(?::[^>\]]+)?[>\]]$/;

/** Reads `<id:string> [out:string]`. Throws where an argument could never be filled. */
export function parseArguments(definition: string): Argument[] {
  const words = definition.split(/ +/).filter(Boolean);
  return words.map((word, index) => {
    const match = argumentPattern.exec(word);
    if (!match) {
      throw new Error(`Cannot read the argument "${word}" of "${definition}"`);
    }
    const [, bracket, before, name = "", after, type = "string"] = match;
    const argument: Argument = {
      name,
      type: type.replace(/\[\]$/, ""),
      optional: bracket === "[",
      variadic: Boolean(before ?? after),
      list: type.endsWith("[]"),
    };
    if (argument.variadic && index < words.length - 1) {
      throw new Error(`Nothing can follow "${word}"`);
    }
    if (!argument.optional && words[index - 1]?.startsWith("[")) {
      throw new Error(
        `The required "${word}" cannot follow an optional argument`,
      );
    }
    return argument;
  });
}

/** Reads `-r, --run <id:string>`. */
export function parseOption(definition: string, description: string, options: OptionOptions): Option {
  const valueStart = definition.search(/[ =][<[]/);
  const flagsText = valueStart === -1 ? definition : definition.slice(0, valueStart);
  const typeDefinition = valueStart === -1 ? "" : definition.slice(valueStart + 1);
  const flags = flagsText.split(/[, ]+/).filter(Boolean);
  const name = flags.find((flag) => flag.startsWith("--"))?.slice(2);
  if (!name) throw new Error(`The option "${definition}" has no long flag`);
  const args = parseArguments(typeDefinition);
  if (args.length > 1 || args.some((argument) => argument.variadic)) {
    throw new Error(
      `The option "${definition}" takes more than one value, which this stand-in does not cover`,
    );
  }
  return { ...options, name, flags, description, typeDefinition, args };
}

/** `data-set` → `dataSet`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What help prints after a command's path: its arguments and the options that cannot be left out. */
export function usageOf(options: readonly Option[], args: readonly Argument[]): string {
  const required = options.filter((option) => option.required);
  return [
    ...args.map(argumentTerm),
    ...required.map((option) => [`--${option.name}`, ...option.args.map(argumentTerm)].join(" ")),
  ].join(" ");
}

/** `<paths...>`: an argument as help shows it, without its type. */
export function argumentTerm({ name, variadic, optional }: Argument): string {
  const term = variadic ? `${name}...` : name;
  return optional ? `[${term}]` : `<${term}>`;
}
