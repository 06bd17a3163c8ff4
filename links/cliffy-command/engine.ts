import { Command as Engine, CommanderError, Option as EngineOption } from "commander";
import type { AnyCommand } from "./command.ts";
import { argumentTerm, type Option } from "./definition.ts";
import { Type } from "./type.ts";
import { ValidationError } from "./validation_error.ts";

/** One option as it stood on the command line; `value` is undefined for a flag. */
export interface Occurrence {
  option: Option;
  value: string | undefined;
  /** The command whose part of the line it stood in. */
  command: AnyCommand;
}

/** A command line taken apart. */
export interface Tokens {
  occurrences: Occurrence[];
  words: string[];
  /** What stood after `--`. */
  literal: string[];
}

/**
 * Takes a command line apart with commander. Reports each subcommand that the line names, so that a refusal can say
 * where it happened.
 *
 * @throws {ValidationError} for unknown options and commands, surplus arguments and missing option values
 */
export function tokenize(
  root: AnyCommand,
  args: readonly string[],
  enter: (command: AnyCommand) => void,
): Tokens {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const occurrences: Occurrence[] = [];
  const engine = bareEngine(root, root.getName());
  let current = engine;
  furnish(engine, root, {
    enter(command, chosen) {
      current = chosen;
      enter(command);
    },
    occur: (occurrence) => occurrences.push(occurrence),
  });
  try {
    engine.parse(args.slice(0, end), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander would print help for a group that is called without a subcommand; here that is the group's action.
    if (error.code !== "commander.help") throw new ValidationError(oneLine(error.message));
  }
  return { occurrences, words: [...current.args], literal: args.slice(end + 1) };
}

/** Help for one command, as commander lays it out, followed by its examples. */
export function helpText(command: AnyCommand): string {
  const engine = bareEngine(command, command.getPath());
  furnish(engine, command);
  const text = engine.helpInformation();
  const examples = command.getExamples();
  if (examples.length === 0) return text;
  return `${text}\nExamples:\n${
    examples.map(({ name, description }) => `  ${name}:\n    ${description.replaceAll("\n", "\n    ")}\n`)
      .join("")
  }`;
}

interface Listener {
  enter(command: AnyCommand, engine: Engine): void;
  occur(occurrence: Occurrence): void;
}

/** What a parent's help and dispatch need to know of a command. */
function bareEngine(command: AnyCommand, name: string): Engine {
  return new Engine(name)
    .summary(command.getDescription().trim().split("\n", 1)[0] ?? "")
    .aliases(command.getAliases());
}

/**
 * Gives commander the options, arguments and subcommands of one command; each subcommand is furnished when the line
 * names it, since a run needs few of them. What is asked of an option is checked in resolve.ts.
 */
function furnish(engine: Engine, command: AnyCommand, listener?: Listener): void {
  const children = new Map<Engine, AnyCommand>();
  engine
    .description(command.getDescription())
    .usage(command.getUsage())
    .helpOption(false)
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ subcommandTerm: (child) => subcommandTerm(children.get(child as Engine) ?? command) })
    .configureOutput({
      writeOut: nothing,
      writeErr: nothing,
      getOutHelpWidth: helpWidth,
      getOutHasColors: no,
    });
  for (const option of command.getOptions(true)) {
    const mirrored = engineOption(command, option);
    engine.addOption(mirrored);
    engine.on(`option:${mirrored.name()}`, (value?: string | null) => {
      listener?.occur({ option, value: value ?? undefined, command });
    });
  }
  // Optional to commander, so that help can be asked for without them.
  for (const argument of command.getArguments()) {
    engine.argument(argumentTerm({ ...argument, optional: true }));
  }
  const shown = command.getCommands();
  for (const child of command.getCommands(true)) {
    const childEngine = bareEngine(child, child.getName());
    children.set(childEngine, child);
    engine.addCommand(childEngine, { hidden: !shown.includes(child) });
  }
  engine.hook("preSubcommand", (_, chosen) => {
    const child = children.get(chosen as Engine);
    if (!child) return;
    listener?.enter(child, chosen as Engine);
    furnish(chosen as Engine, child, listener);
  });
}

function engineOption(command: AnyCommand, option: Option): EngineOption {
  const flags = [option.flags.join(", "), ...option.args.map(argumentTerm)]
    .join(" ");
  const handler = command.getType(option.args[0]?.type ?? "string")?.handler;
  const values = handler instanceof Type ? handler.values?.() : undefined;
  const defaultValue = typeof option.default === "function" ? undefined : option.default;
  const notes = [
    option.required ? "required" : "",
    defaultValue === undefined ? "" : `default: ${JSON.stringify(defaultValue)}`,
    values ? `values: ${values.join(", ")}` : "",
    option.conflicts ? `not with ${option.conflicts.map((name) => `--${name}`).join(", ")}` : "",
    option.depends ? `needs ${option.depends.map((name) => `--${name}`).join(", ")}` : "",
  ].filter(Boolean);
  const note = notes.length > 0 ? ` (${notes.join("; ")})` : "";
  return new EngineOption(flags, `${option.description}${note}`).hideHelp(option.hidden ?? false);
}

function subcommandTerm(command: AnyCommand): string {
  const names = [command.getName(), ...command.getAliases()].join(", ");
  return [names, ...command.getArguments().map(argumentTerm)].join(" ");
}

/** Commander's messages start with "error: " and put the guess on a line of its own. */
function oneLine(message: string): string {
  const text = message.replace(/^error: /, "").replaceAll("\n", " ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** As wide as the terminal; 100 columns where the output is none. */
function helpWidth(): number {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : 100;
}

function nothing(): void {}

function no(): boolean {
  return false;
}
