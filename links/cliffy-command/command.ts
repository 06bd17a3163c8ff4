// deno-lint-ignore-file no-explicit-any -- types are not tracked: an action states its own
import {
  type Argument,
  type Option,
  type OptionOptions,
  parseArguments,
  parseOption,
  usageOf,
} from "./definition.ts";
import { helpText, tokenize } from "./engine.ts";
import { type Action, newSettings, type Settings } from "./settings.ts";
import { resolveArguments, resolveOptions } from "./resolve.ts";
import { builtInTypes, type Type, type TypeHandler } from "./type.ts";
import { ValidationError } from "./validation_error.ts";

/** A command of any type. */
export type AnyCommand = Command<any>;

/** What {@linkcode Command.parse} resolves to. */
export interface CommandResult {
  options: any;
  args: any[];
  /** What stood after `--`. */
  literal: string[];
  /** The command that ran. */
  cmd: AnyCommand;
}

/**
 * A command line command, built by chained calls. After `.command(name, child)` the calls that follow
 * build that child, until `.reset()`.
 *
 * `ParentGlobals` is the type of the options that a parent hands down; it is there for the real package, which
 * infers the action's types from it.
 */
export class Command<
  ParentGlobals extends Record<string, unknown> | void = void,
> {
  readonly #settings: Settings = newSettings();
  #parent: AnyCommand | undefined;
  #selected: AnyCommand = this;

  get #building(): Settings {
    return this.#selected.#settings;
  }

  name(name: string): this {
    this.#building.name = name;
    return this;
  }

  version(version: string): this {
    this.#building.version = version;
    return this;
  }

  description(description: string): this {
    this.#building.description = description;
    return this;
  }

  /** Replaces what help prints after the command's path. */
  usage(usage: string): this {
    this.#building.usage = usage;
    return this;
  }

  alias(alias: string): this {
    this.#building.aliases.push(alias);
    return this;
  }

  /** Leaves the command out of help. */
  hidden(): this {
    this.#building.hidden = true;
    return this;
  }

  example(name: string, description: string): this {
    this.#building.examples.push({ name, description });
    return this;
  }

  /** Declares the positional arguments: `<id:string> [out:string]`, `<paths...:string>`. */
  arguments(definition: string): this {
    this.#building.arguments = parseArguments(definition);
    return this;
  }

  option(
    flags: string,
    description: string,
    options: OptionOptions = {},
  ): this {
    const option = parseOption(flags, description, options);
    const taken = this.#building.options.find((other) =>
      other.flags.some((flag) => option.flags.includes(flag))
    );
    if (taken) {
      throw new Error(
        `The option "${flags}" is on the command "${this.#building.name}" already`,
      );
    }
    this.#building.options.push(option);
    return this;
  }

  /** An option that the subcommands know as well. */
  globalOption(
    flags: string,
    description: string,
    options: OptionOptions = {},
  ): this {
    return this.option(flags, description, { ...options, global: true });
  }

  /** Names a type for the options and arguments of this command (with `global`, of its subcommands too). */
  type(
    name: string,
    handler: Type<unknown> | TypeHandler<unknown>,
    options: { global?: boolean } = {},
  ): this {
    this.#building.types.set(name, {
      handler,
      global: options.global ?? false,
    });
    return this;
  }

  action(action: Action): this {
    this.#building.action = action;
    return this;
  }

  /** Adds a subcommand and selects it: what is chained next builds the subcommand. */
  command(name: string, command: AnyCommand): this {
    this.reset();
    if (this.getCommand(name)) {
      throw new Error(`The command "${name}" is there already`);
    }
    command.reset();
    command.#settings.name = name;
    command.#parent = this;
    this.#settings.commands.set(name, command);
    this.#selected = command;
    return this;
  }

  /** Selects this command again after {@linkcode Command.command}. */
  reset(): this {
    this.#selected = this;
    return this;
  }

  /** Makes `parse()` throw {@linkcode ValidationError} instead of printing it and exiting. Subcommands inherit it. */
  throwErrors(): this {
    this.#building.throwErrors = true;
    return this;
  }

  /** Never exits, after help and version either; implies {@linkcode Command.throwErrors}. */
  noExit(): this {
    this.#building.noExit = true;
    return this.throwErrors();
  }

  /**
   * Reads the command line and runs the action of the command that it names.
   *
   * @throws {ValidationError} where the command line is refused and errors are to be thrown; whatever the action throws
   */
  async parse(args: string[] = Deno.args): Promise<CommandResult> {
    let command: AnyCommand = this.reset();
    try {
      this.getMainCommand().#registerDefaults();
      const tokens = tokenize(this, args, (chosen) => command = chosen);
      const { options, standalone } = resolveOptions(command, tokens.occurrences);
      const values = resolveArguments(command, tokens.words, Boolean(standalone));
      command.#settings.literal = tokens.literal;
      if (standalone) {
        standalone(command, args);
        if (!command.#inherits("noExit")) Deno.exit(0);
      } else {
        await command.#settings.action?.call(command, options, ...values);
      }
      return { options, args: values, literal: tokens.literal, cmd: command };
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      error.cmd = command;
      if (command.#inherits("throwErrors")) throw error;
      command.showHelp();
      console.error(`  error: ${error.message}\n`);
      Deno.exit(error.exitCode);
    }
  }

  #inherits(setting: "throwErrors" | "noExit"): boolean {
    return this.#settings[setting] ||
      (this.#parent !== undefined && this.#parent.#inherits(setting));
  }

  /** Help and version come first, and only once the tree is complete. */
  #registerDefaults(): void {
    if (this.#settings.hasDefaults) return;
    this.#settings.hasDefaults = true;
    const defaults: Option[] = [{
      ...parseOption("-h, --help", "Show this help.", { global: true }),
      standalone: (command) => command.showHelp(),
    }];
    if (this.#settings.version !== undefined) {
      defaults.push({
        ...parseOption(
          "-V, --version",
          "Show the version number for this program.",
          {},
        ),
        standalone: (command, args) =>
          console.log(
            args.includes("--version") ? `${this.getName()} ${command.getVersion()}` : command.getVersion(),
          ),
      });
    }
    this.#settings.options.unshift(...defaults);
  }

  getName(): string {
    return this.#settings.name;
  }

  getParent(): AnyCommand | undefined {
    return this.#parent;
  }

  getMainCommand(): AnyCommand {
    return this.#parent?.getMainCommand() ?? this;
  }

  /** The names from the main command down to this one. */
  getPath(): string {
    return this.#parent ? `${this.#parent.getPath()} ${this.#settings.name}` : this.#settings.name;
  }

  getAliases(): string[] {
    return this.#settings.aliases;
  }

  getVersion(): string | undefined {
    return this.#settings.version ?? this.#parent?.getVersion();
  }

  getDescription(): string {
    return this.#settings.description;
  }

  /** What help prints after the command's path. */
  getUsage(): string {
    return this.#settings.usage ??
      usageOf(this.getOptions(), this.#settings.arguments);
  }

  getArguments(): Argument[] {
    return this.#settings.arguments;
  }

  /** What stood after `--` when this command was last run. */
  getLiteralArgs(): string[] {
    return this.#settings.literal;
  }

  getExamples(): { name: string; description: string }[] {
    return this.#settings.examples;
  }

  /** The options of this command, those that its parents hand down first. */
  getOptions(hidden = false): Option[] {
    const own = this.#settings.options;
    const handedDown = (this.#parent?.getOptions(true) ?? [])
      .filter((option) => option.global && !own.some(({ name }) => name === option.name));
    return [...handedDown, ...own].filter((option) => hidden || !option.hidden);
  }

  /** The subcommands. */
  getCommands(hidden = false): AnyCommand[] {
    return [...this.#settings.commands.values()].filter((command) => hidden || !command.#settings.hidden);
  }

  /** The subcommand of that name or alias. */
  getCommand(name: string, hidden = false): AnyCommand | undefined {
    return this.getCommands(hidden).find((command) =>
      command.#settings.name === name ||
      command.#settings.aliases.includes(name)
    );
  }

  /** The type of that name, as this command knows it. */
  getType(name: string):
    | { name: string; handler: Type<unknown> | TypeHandler<unknown> }
    | undefined {
    const own = this.#settings.types.get(name);
    if (own) return { name, handler: own.handler };
    for (let parent = this.#parent; parent; parent = parent.#parent) {
      const inherited = parent.#settings.types.get(name);
      if (inherited?.global) return { name, handler: inherited.handler };
    }
    const builtIn = builtInTypes.get(name);
    return builtIn && { name, handler: builtIn };
  }

  getHelp(): string {
    this.getMainCommand().#registerDefaults();
    return helpText(this);
  }

  /** Prints help on standard output. */
  showHelp(): void {
    console.log(this.getHelp());
  }
}
