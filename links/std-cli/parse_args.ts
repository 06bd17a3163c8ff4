import { parseArgs as parse } from "deno-std/cli/parse_args.js";

/** What {@linkcode parseArgs} makes of a command line: options by name, everything else in `_`. */
// deno-lint-ignore no-explicit-any -- the real package infers these from the options; here they are not tracked
export type Args = Record<string, any> & { _: (string | number)[]; "--"?: string[] };

/** What {@linkcode parseArgs} is told about the options. */
export interface ParseOptions {
  /** Collect what follows `--` under the key `--` instead of in `_`. @default {false} */
  "--"?: boolean;
  alias?: Record<string, string | readonly string[]>;
  /** Names that take no value; absent, they are false. `true`: every `--name` without a value. */
  boolean?: boolean | string | readonly string[];
  default?: Record<string, unknown>;
  /** Put everything from the first non-option on into `_`. @default {false} */
  stopEarly?: boolean;
  /** Names whose value stays a string even where it looks like a number. */
  string?: string | readonly string[];
  /** Names that may be repeated; the value is an array. */
  collect?: string | readonly string[];
  /** Names that `--no-name` sets to false. */
  negatable?: string | readonly string[];
  /** Called with an option that is named nowhere; false leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Reads a command line into an object. */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  return parse(args, options);
}
