import type { AnyCommand } from "./command.ts";
import type { Argument, Option } from "./definition.ts";
import { Type } from "./type.ts";

type Row = readonly [term: string, description: string];

/** Help for one command, no wider than the terminal and never wider than 100 columns. */
export function helpText(command: AnyCommand): string {
  const columns = Deno.stdout.isTerminal() ? Math.min(Deno.consoleSize().columns, 100) : 100;
  const options = command.getOptions();
  const examples = command.getExamples().map(({ name, description }) =>
    `  ${name}:\n    ${description.replaceAll("\n", "\n    ")}`
  );
  return [
    `Usage: ${usageOf(command, options)}`,
    wrap(command.getDescription(), columns).join("\n"),
    table("Options", options.map((option) => optionRow(command, option)), columns),
    table("Commands", command.getCommands().map(commandRow), columns),
    ...examples.length === 0 ? [] : [`Examples:\n${examples.join("\n")}`],
  ].filter(Boolean).join("\n\n");
}

function usageOf(command: AnyCommand, options: readonly Option[]): string {
  return [
    command.getPath(),
    ...command.getArguments().map(argumentTerm),
    ...command.getCommands().length > 0 ? ["<command>"] : [],
    ...options.filter(({ required }) => required).map((option) =>
      withArguments(`--${option.name}`, option.args)
    ),
    "[options]",
  ].join(" ");
}

function argumentTerm({ name, variadic, optional }: Argument): string {
  const term = variadic ? `${name}...` : name;
  return optional ? `[${term}]` : `<${term}>`;
}

function withArguments(term: string, args: readonly Argument[]): string {
  return [term, ...args.map(argumentTerm)].join(" ");
}

function optionRow(command: AnyCommand, option: Option): Row {
  return [withArguments(option.flags.join(", "), option.args), describe(command, option)];
}

function commandRow(command: AnyCommand): Row {
  const names = [command.getName(), ...command.getAliases()].join(", ");
  return [withArguments(names, command.getArguments()), command.getDescription().split("\n", 1)[0] ?? ""];
}

function describe(command: AnyCommand, option: Option): string {
  const handler = command.getType(option.args[0]?.type ?? "string");
  const values = handler instanceof Type ? handler.values?.() : undefined;
  const flagList = (names: readonly string[]) => names.map((name) => `--${name}`).join(", ");
  const notes = [
    option.required && "required",
    option.default !== undefined && typeof option.default !== "function" &&
    `default: ${JSON.stringify(option.default)}`,
    values && `values: ${values.join(", ")}`,
    option.conflicts && `not with ${flagList(option.conflicts)}`,
    option.depends && `needs ${flagList(option.depends)}`,
  ].filter(Boolean);
  return notes.length === 0 ? option.description : `${option.description} (${notes.join("; ")})`;
}

/** Terms on the left, descriptions wrapped on the right; the empty text where there are no rows. */
function table(title: string, rows: readonly Row[], columns: number): string {
  if (rows.length === 0) return "";
  const left = Math.max(...rows.map(([term]) => term.length)) + 4;
  const lines = rows.map(([term, description]) =>
    `  ${term}`.padEnd(left) + wrap(description, Math.max(columns - left, 20)).join(`\n${" ".repeat(left)}`)
  );
  return [`${title}:`, ...lines].join("\n");
}

/** As many words on a line as fit; a longer word stands alone. */
function wrap(text: string, columns: number): string[] {
  const fitting = new RegExp(`\\S.{0,${columns - 1}}(?=\\s|$)|\\S+`, "g");
  return text.trim().split("\n").flatMap((line) => line.match(fitting) ?? [""]);
}
