/**
 * Stand-in for `jsr:@std/fs`: the part of its API that this package uses, on Deno's file functions.
 * See ../README.md.
 *
 * @module
 */
export { ensureDir } from "./ensure_dir.ts";
export { exists, type ExistsOptions } from "./exists.ts";
export { walk, type WalkEntry, type WalkOptions } from "./walk.ts";
