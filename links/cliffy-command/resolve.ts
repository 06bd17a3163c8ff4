import type { AnyCommand } from "./command.ts";
import { type Argument, camelCase, type Option } from "./definition.ts";
import type { Occurrence } from "./engine.ts";
import { Type } from "./type.ts";
import { ValidationError } from "./validation_error.ts";

/** The options of one run, by their property names. */
export type OptionValues = Record<string, unknown>;

/** Options as the action gets them. */
export interface ResolvedOptions {
  options: OptionValues;
  /** Set where help or the version was asked for. */
  standalone: Option["standalone"];
}

/** Types the options of a run, fills in defaults and checks what is asked of each. */
export function resolveOptions(command: AnyCommand, occurrences: readonly Occurrence[]): ResolvedOptions {
  const declared = command.getOptions(true);
  for (const option of declared) {
    for (const name of [...option.conflicts ?? [], ...option.depends ?? []]) {
      if (!declared.some((other) => other.name === name)) {
        throw new Error(
          `The option "--${option.name}" refers to "--${name}", which "${command.getPath()}" lacks`,
        );
      }
    }
  }
  const options: OptionValues = {};
  for (const occurrence of occurrences) {
    if (occurrence.command !== command && !occurrence.option.global) {
      throw new ValidationError(`Too many arguments: ${command.getName()}`);
    }
    setOption(command, options, occurrence);
  }
  setDefaults(options, declared);
  const given = occurrences.map(({ option }) => option);
  const alone = given.findLast((option) => option.standalone);
  if (alone) {
    if (given.some((option) => option !== alone)) {
      throw new ValidationError(
        `Option "--${alone.name}" cannot be combined with other options.`,
      );
    }
  } else {
    for (const option of given) checkCompany(options, option);
    for (const option of declared) checkRequired(options, option, given);
  }
  return { options, standalone: alone?.standalone };
}

/** Types the arguments of a run. Missing ones are let pass where help or the version was asked for. */
export function resolveArguments(
  command: AnyCommand,
  words: readonly string[],
  isStandalone: boolean,
): unknown[] {
  const declared = command.getArguments();
  const missing = declared.slice(words.length).filter((argument) => !argument.optional);
  if (missing.length > 0 && !(isStandalone && words.length === 0)) {
    throw new ValidationError(
      `Missing argument(s): ${missing.map(({ name }) => name).join(", ")}`,
    );
  }
  return words.map((word, index) => {
    const argument = declared[index] ?? declared.at(-1);
    return argument ? typed(command, argument, "Argument", argument.name, word) : word;
  });
}

function propertyOf(option: Option): string {
  return camelCase(option.name.replace(/^no-/, ""));
}

function setOption(
  command: AnyCommand,
  options: OptionValues,
  { option, value }: Occurrence,
): void {
  const property = propertyOf(option);
  const previous = options[property];
  if (previous !== undefined && !option.collect) {
    throw new ValidationError(
      `Option "--${option.name}" can only occur once, but was found several times.`,
    );
  }
  const [argument] = option.args;
  if (value === "") {
    throw new ValidationError(`Missing value for option "--${option.name}".`);
  }
  let current: unknown = !option.name.startsWith("no-");
  if (argument && value !== undefined) {
    current = typed(command, argument, "Option", `--${option.name}`, value);
  } else if (argument && option.default !== undefined) {
    current = defaultOf(option);
  }
  options[property] = option.collect ? [...Array.isArray(previous) ? previous : [], current] : current;
}

function typed(command: AnyCommand, argument: Argument, label: string, name: string, word: string): unknown {
  const handler = command.getType(argument.type)?.handler;
  if (!handler) {
    throw new Error(
      `Unknown type "${argument.type}" on the command "${command.getPath()}"`,
    );
  }
  const read = (value: string) => {
    const raw = { label, name, type: argument.type, value };
    return handler instanceof Type ? handler.parse(raw) : handler(raw);
  };
  return argument.list ? word.split(",").map(read) : read(word);
}

function defaultOf(option: Option): unknown {
  return typeof option.default === "function" ? option.default() : option.default;
}

function setDefaults(options: OptionValues, declared: readonly Option[]): void {
  for (const option of declared) {
    const property = propertyOf(option);
    if (options[property] !== undefined) continue;
    let value = defaultOf(option);
    // `--no-anchor` alone makes `anchor` true; beside an `--anchor` that option's own default counts.
    if (value === undefined && option.name.startsWith("no-")) {
      value = declared.some((other) => other.name === option.name.slice("no-".length)) ? undefined : true;
    }
    if (value === undefined) continue;
    options[property] = value;
  }
}

function checkCompany(options: OptionValues, option: Option): void {
  for (const name of option.conflicts ?? []) {
    if (options[camelCase(name)] === undefined) continue;
    throw new ValidationError(
      `Option "--${option.name}" conflicts with option "--${name}".`,
    );
  }
  for (const name of option.depends ?? []) {
    if (options[camelCase(name)] !== undefined) {
      continue;
    }
    throw new ValidationError(
      `Option "--${option.name}" depends on option "--${name}".`,
    );
  }
}

function checkRequired(options: OptionValues, option: Option, given: readonly Option[]): void {
  if (!option.required || options[propertyOf(option)] !== undefined) return;
  // An option that conflicts with it stands in for it.
  const isReplaced = given.some((other) => other.conflicts?.includes(option.name)) ||
    (option.conflicts ?? []).some((name) => options[camelCase(name)]);
  if (!isReplaced) {
    throw new ValidationError(`Missing required option "--${option.name}".`);
  }
}
