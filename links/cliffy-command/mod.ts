/**
 * Stand-in for `jsr:@cliffy/command`: the part of its API that this package uses. See ../README.md.
 *
 * @module
 */
export { Command, type CommandResult } from "./command.ts";
export type { Argument, Option, OptionOptions } from "./definition.ts";
export { type ArgumentValue, EnumType, Type, type TypeHandler } from "./type.ts";
export { ValidationError } from "./validation_error.ts";
