import { PotError } from "../lib/core/errors.ts";
import { redactText } from "../lib/core/redact.ts";
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

/** An error as a person reads it, without a stack trace: summary, facts, hint. URLs in it are redacted. */
export function formatError(error: unknown, { isJson }: { readonly isJson: boolean }): string {
  const { message, facts, hint } = describe(error);
  if (isJson) return `${toJson({ error: { message, facts, ...(hint === undefined ? {} : { hint }) } })}\n`;
  return [
    `error: ${message}`,
    ...facts.map((fact) => `  ${fact}`),
    ...(hint === undefined ? [] : [`  → ${hint}`]),
    "",
  ].join("\n");
}

function describe(error: unknown): { message: string; facts: readonly string[]; hint: string | undefined } {
  if (error instanceof PotError) {
    return {
      message: redactText(error.message),
      facts: error.facts.map((fact) => redactText(fact)),
      hint: error.hint,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message: redactText(message), facts: [], hint: undefined };
}
