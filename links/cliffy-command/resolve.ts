import type { AnyCommand } from "./command.ts";
import { type Argument, type Option, propertyOf } from "./definition.ts";
import type { Occurrence } from "./tokenize.ts";
import { Type } from "./type.ts";
import { ValidationError } from "./validation_error.ts";

/** The options of one run, by their property names. */
type OptionValues = Record<string, unknown>;

/**
 * Types the options of a run, fills in defaults and checks what is asked of each. `standalone` is set where help or
 * the version was asked for.
 */
export function resolveOptions(
  command: AnyCommand,
  occurrences: readonly Occurrence[],
): { options: OptionValues; standalone: Option["standalone"] } {
  const declared = command.getOptions(true);
  checkReferences(command, declared);
  const options: OptionValues = {};
  for (const occurrence of occurrences) setOption(command, options, occurrence);
  setDefaults(options, declared);
  const given = occurrences.map(({ option }) => option);
  const alone = given.findLast((option) => option.standalone);
  if (!alone) {
    for (const option of given) checkCompany(options, option);
    for (const option of declared) checkRequired(options, option, given);
  } else if (given.some((option) => option !== alone)) {
    throw new ValidationError(`Option "--${alone.name}" cannot be combined with other options.`);
  }
  return { options, standalone: alone?.standalone };
}

/** Types the arguments of a run. Missing ones are let pass where help or the version was asked for. */
export function resolveArguments(
  command: AnyCommand,
  words: readonly string[],
  { isStandalone }: { isStandalone: boolean },
): unknown[] {
  const declared = command.getArguments();
  const missing = declared.slice(words.length).filter((argument) => !argument.optional);
  if (missing.length > 0 && !(isStandalone && words.length === 0)) {
    throw new ValidationError(`Missing argument(s): ${missing.map(({ name }) => name).join(", ")}`);
  }
  return words.map((word, index) => {
    const last = declared.at(-1);
    const argument = declared[index] ?? (last?.variadic ? last : undefined);
    if (!argument) throw new ValidationError(`Too many arguments: ${words.slice(index).join(", ")}`);
    return typed(command, argument, "Argument", argument.name, word);
  });
}

function checkReferences(command: AnyCommand, declared: readonly Option[]): void {
  for (const { name, conflicts = [], depends = [] } of declared) {
    const unknown = [...conflicts, ...depends].find((named) =>
      !declared.some((other) => other.name === named)
    );
    if (unknown === undefined) continue;
    throw new Error(`The option "--${name}" refers to "--${unknown}", which "${command.getPath()}" lacks`);
  }
}

function setOption(command: AnyCommand, options: OptionValues, { option, value }: Occurrence): void {
  const property = propertyOf(option.name);
  const previous = options[property];
  if (previous !== undefined && !option.collect) {
    throw new ValidationError(`Option "--${option.name}" can only occur once, but was found several times.`);
  }
  const [argument] = option.args;
  let current: unknown = !option.name.startsWith("no-");
  if (argument && value !== undefined) {
    current = typed(command, argument, "Option", `--${option.name}`, value);
  } else if (argument && option.default !== undefined) {
    current = defaultOf(option);
  }
  options[property] = option.collect ? [...Array.isArray(previous) ? previous : [], current] : current;
}

function typed(command: AnyCommand, argument: Argument, label: string, name: string, word: string): unknown {
  const handler = command.getType(argument.type);
  if (!handler) throw new Error(`Unknown type "${argument.type}" on the command "${command.getPath()}"`);
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
    const property = propertyOf(option.name);
    if (options[property] !== undefined) continue;
    // `--no-anchor` alone makes `anchor` true; beside an `--anchor` that option's own default counts.
    const isTrue = option.name.startsWith("no-") &&
      !declared.some(({ name }) => `no-${name}` === option.name);
    const value = defaultOf(option) ?? (isTrue ? true : undefined);
    if (value !== undefined) options[property] = value;
  }
}

function checkCompany(options: OptionValues, { name, conflicts = [], depends = [] }: Option): void {
  const isSet = (other: string) => options[propertyOf(other)] !== undefined;
  const conflict = conflicts.find(isSet);
  if (conflict) throw new ValidationError(`Option "--${name}" conflicts with option "--${conflict}".`);
  const missing = depends.find((other) => !isSet(other));
  if (missing) throw new ValidationError(`Option "--${name}" depends on option "--${missing}".`);
}

function checkRequired(options: OptionValues, option: Option, given: readonly Option[]): void {
  if (!option.required || options[propertyOf(option.name)] !== undefined) return;
  // An option that conflicts with it stands in for it.
  const isReplaced = given.some((other) => other.conflicts?.includes(option.name)) ||
    option.conflicts?.some((name) => options[propertyOf(name)]);
  if (!isReplaced) throw new ValidationError(`Missing required option "--${option.name}".`);
}
