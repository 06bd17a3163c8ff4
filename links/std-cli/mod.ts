/**
 * Stand-in for `jsr:@std/cli`: the part of its API that this package uses. See ../README.md.
 *
 * @module
 */
export { type Args, parseArgs, type ParseOptions } from "./parse_args.ts";
export { unicodeWidth } from "./unicode_width.ts";
