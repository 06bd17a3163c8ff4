// deno-lint-ignore-file no-explicit-any -- types are not tracked: an action states its own
import { type Argument, type Option, type OptionOptions, parseArguments, parseOption } from "./definition.ts";
import { helpText } from "./help.ts";
import { resolveArguments, resolveOptions } from "./resolve.ts";
import { type Action, Settings } from "./settings.ts";
import { tokenize } from "./tokenize.ts";
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
export class Command<ParentGlobals extends Record<string, unknown> | void = void> {
  readonly #settings = new Settings();
  #parent: AnyCommand | undefined;
  #selected: AnyCommand = this;

  get #building(): Settings {
    return this.#selected.#settings;
  }

  #set(settings: Partial<Settings>): this {
    Object.assign(this.#building, settings);
    return this;
  }

  name(name: string): this {
    return this.#set({ name });
  }

  version(version: string): this {
    return this.#set({ version });
  }

  description(description: string): this {
    return this.#set({ description });
  }

  alias(alias: string): this {
    this.#building.aliases.push(alias);
    return this;
  }

  /** Leaves the command out of help. */
  hidden(): this {
    return this.#set({ isHidden: true });
  }

  example(name: string, description: string): this {
    this.#building.examples.push({ name, description });
    return this;
  }

  /** Declares the positional arguments: `<id:string> [out:string]`, `<paths...:string>`. */
  arguments(definition: string): this {
    return this.#set({ arguments: parseArguments(definition) });
  }

  option(flags: string, description: string, options: OptionOptions = {}): this {
    const option = parseOption(flags, description, options);
    if (this.#building.options.some((other) => other.flags.some((flag) => option.flags.includes(flag)))) {
      throw new Error(`The option "${flags}" is on the command "${this.#building.name}" already`);
    }
    this.#building.options.push(option);
    return this;
  }

  /** An option that the subcommands know as well. */
  globalOption(flags: string, description: string, options: OptionOptions = {}): this {
    return this.option(flags, description, { ...options, global: true });
  }

  /** Names a type for the options and arguments of this command. */
  type(name: string, handler: Type<unknown> | TypeHandler<unknown>): this {
    this.#building.types.set(name, handler);
    return this;
  }

  action(action: Action): this {
    return this.#set({ action });
  }

  /** Adds a subcommand and selects it: what is chained next builds the subcommand. */
  command(name: string, command: AnyCommand): this {
    this.reset();
    if (this.getCommand(name, true)) throw new Error(`The command "${name}" is there already`);
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
    return this.#set({ throwErrors: true });
  }

  /** Never exits, after help and version either; implies {@linkcode Command.throwErrors}. */
  noExit(): this {
    return this.#set({ noExit: true, throwErrors: true });
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
      const values = resolveArguments(command, tokens.words, { isStandalone: standalone !== undefined });
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
    return this.#settings[setting] || (this.#parent ? this.#parent.#inherits(setting) : false);
  }

  /** Help and version come first, and only once the tree is complete. */
  #registerDefaults(): void {
    const { version, options } = this.#settings;
    if (options.some(({ standalone }) => standalone)) return;
    if (version !== undefined) {
      options.unshift({
        ...parseOption("-V, --version", "Show the version number for this program.", {}),
        standalone: (_, args) =>
          console.log(args.includes("--version") ? `${this.getName()} ${version}` : version),
      });
    }
    options.unshift({
      ...parseOption("-h, --help", "Show this help.", { global: true }),
      standalone: (command) => command.showHelp(),
    });
  }

  getName(): string {
    return this.#settings.name;
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

  getCommands(hidden = false): AnyCommand[] {
    return [...this.#settings.commands.values()].filter((command) => hidden || !command.#settings.isHidden);
  }

  /** The subcommand of that name or alias. */
  getCommand(name: string, hidden = false): AnyCommand | undefined {
    return this.getCommands(hidden).find((command) =>
      command.getName() === name || command.getAliases().includes(name)
    );
  }

  /** What reads values of that type on this command. */
  getType(name: string): Type<unknown> | TypeHandler<unknown> | undefined {
    return this.#settings.types.get(name) ?? builtInTypes.get(name);
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
