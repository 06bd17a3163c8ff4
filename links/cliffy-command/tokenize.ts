import { closestString } from "deno-std/text/closest_string.js";
import type { AnyCommand } from "./command.ts";
import type { Option } from "./definition.ts";
import { ValidationError } from "./validation_error.ts";

/** One option as it stood on the command line; `value` is undefined for a flag. */
export interface Occurrence {
  option: Option;
  value: string | undefined;
}

/** A command line taken apart. */
export interface Tokens {
  occurrences: Occurrence[];
  words: string[];
  /** What stood after `--`. */
  literal: string[];
}

/**
 * Takes a command line apart. Reports each subcommand that the line names, so that a refusal can say where it
 * happened.
 *
 * @throws {ValidationError} for unknown options and commands and for missing option values
 */
export function tokenize(
  root: AnyCommand,
  args: readonly string[],
  enter: (command: AnyCommand) => void,
): Tokens {
  const rest = [...args];
  const occurrences: Occurrence[] = [];
  const words: string[] = [];
  let command = root;
  for (let word = rest.shift(); word !== undefined && word !== "--"; word = rest.shift()) {
    if (isOption(word)) {
      occurrences.push(takeOption(command, word, rest));
      continue;
    }
    const child = words.length === 0 ? command.getCommand(word, true) : undefined;
    if (child) {
      const stray = occurrences.find(({ option }) => !option.global);
      if (stray) throw new ValidationError(`Option "--${stray.option.name}" does not go with "${word}".`);
      enter(command = child);
    } else if (command.getCommands(true).length > 0 && command.getArguments().length === 0) {
      const names = command.getCommands().flatMap((known) => [known.getName(), ...known.getAliases()]);
      throw unknown("command", word, names);
    } else {
      words.push(word);
    }
  }
  return { occurrences, words, literal: rest };
}

function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

/** Reads `--name`, `--name=value`, `-n`, `-nvalue` or `-n=value`; a value may be taken off what follows. */
function takeOption(command: AnyCommand, word: string, rest: string[]): Occurrence {
  const flag = word.startsWith("--") ? word.replace(/=.*$/s, "") : word.slice(0, 2);
  const tail = word.slice(flag.length);
  const option = command.getOptions(true).find(({ flags }) => flags.includes(flag));
  if (!option) throw unknown("option", flag, command.getOptions().flatMap(({ flags }) => flags));
  const [argument] = option.args;
  if (!argument) {
    // -ws is -w -s.
    if (/^\w/.test(tail)) rest.unshift(`-${tail}`);
    else if (tail !== "") throw new ValidationError(`Option "${flag}" takes no value, but got "${word}".`);
    return { option, value: undefined };
  }
  const isAbsent = argument.optional && isOption(rest[0] ?? "");
  const value = tail !== "" ? tail.replace("=", "") : isAbsent ? undefined : rest.shift();
  if (value === "" || (value === undefined && !argument.optional)) {
    throw new ValidationError(`Missing value for option "${flag}".`);
  }
  return { option, value };
}

function unknown(kind: "option" | "command", word: string, known: readonly string[]): ValidationError {
  const guess = known.length === 0 ? "" : ` Did you mean ${kind} "${closestString(word, known)}"?`;
  return new ValidationError(`Unknown ${kind} "${word}".${guess}`);
}
