import { ValidationError } from "@cliffy/command";
import { PotError } from "../lib/core/errors.ts";
import { createRedactor, type Redactor } from "../lib/core/redactor.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";

/** A command's result: one JSON document with `--json`, lines for people without it. */
export interface Report {
  /** bigint becomes a decimal string. */
  readonly json: unknown;
  readonly lines: readonly string[];
  /** What to try next; only for people at a terminal. */
  readonly next?: readonly string[];
}

/** Prints a command's result to standard output. */
export function report(
  context: CliContext,
  { json: isJson }: GlobalOptions,
  { json, lines, next = [] }: Report,
): void {
  if (isJson) {
    context.out(`${toJson(json)}\n`);
    return;
  }
  for (const line of lines) context.out(`${line}\n`);
  if (context.isTerminal && next.length > 0) {
    context.err(`\nnext:\n${next.map((line) => `  ${line}\n`).join("")}`);
  }
}

/** Indented JSON; bigint as a decimal string. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, field) => typeof field === "bigint" ? String(field) : field, 2);
}

export interface FormatErrorOptions {
  /** One JSON document instead of lines. */
  readonly isJson: boolean;
  /** Knows what is never shown. @default one that knows no secret of this installation */
  readonly redactor?: Redactor;
}

/** An error as a person reads it, without a stack trace: summary, facts, hint. All of it is redacted. */
export function formatError(
  error: unknown,
  { isJson, redactor = createRedactor() }: FormatErrorOptions,
): string {
  const described = describe(error);
  const message = redactor(described.message);
  const facts = described.facts.map(redactor);
  // Our own words, which may show what a URL looks like.
  const hint = described.hint === undefined ? undefined : redactor.known(described.hint);
  if (isJson) return `${toJson({ error: { message, facts, ...(hint === undefined ? {} : { hint }) } })}\n`;
  return [
    `error: ${message}`,
    ...facts.map((fact) => `  ${fact}`),
    ...(hint === undefined ? [] : [`  → ${hint}`]),
    "",
  ].join("\n");
}

interface Described {
  readonly message: string;
  readonly facts: readonly string[];
  readonly hint?: string | undefined;
}

function describe(error: unknown): Described {
  if (error instanceof PotError) return error;
  if (error instanceof ValidationError) {
    const path = error.cmd?.getPath();
    return {
      // It repeats what was given, and a private key in the wrong place looks like a hash.
      message: error.message.replace(/[0-9a-f]{64,}/gi, "[secret]"),
      facts: [],
      hint: path === undefined ? undefined : `see: ${path} --help`,
    };
  }
  if (!(error instanceof Error)) return { message: String(error), facts: [] };
  // What the operating system refused: its own words alone name neither what was tried nor a next step.
  if (error.name in Deno.errors || "code" in error) {
    return {
      message: "Cannot finish as the operating system refused something",
      facts: [`reason: ${error.message}`],
      hint: "check the path, its permissions and the free space, then try again",
    };
  }
  return { message: error.message, facts: [] };
}
