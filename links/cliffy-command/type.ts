import { ValidationError } from "./validation_error.ts";

/** A raw value on its way to a type: `label` and `name` say where it stood on the command line. */
export interface ArgumentValue {
  label: string;
  type: string;
  name: string;
  value: string;
}

/** A type written as a function. */
export type TypeHandler<T> = (value: ArgumentValue) => T;

/** Base class of named types, registered by `Command.type()`. */
export abstract class Type<T> {
  /** Returns the typed value, or throws {@linkcode ValidationError}. */
  abstract parse(value: ArgumentValue): T;
  /** The values that help names, where there is a fixed set of them. */
  values?(): readonly (string | number | boolean)[];
}

function refused(
  { label, name, type, value }: ArgumentValue,
  expected?: readonly unknown[],
): ValidationError {
  const hint = expected ? ` Expected values: ${expected.map((one) => `"${one}"`).join(", ")}` : "";
  return new ValidationError(`${label} "${name}" must be of type "${type}", but got "${value}".${hint}`);
}

/** Accepts only the given values. */
export class EnumType<const T extends string | number | boolean> extends Type<T> {
  readonly #allowed: readonly T[];

  constructor(allowed: readonly T[]) {
    super();
    this.#allowed = allowed;
  }

  parse(value: ArgumentValue): T {
    const found = this.#allowed.find((one) => String(one) === value.value);
    if (found === undefined) throw refused(value, this.#allowed);
    return found;
  }

  override values(): T[] {
    return [...this.#allowed];
  }
}

function numberThat(accepts: (value: number) => boolean): TypeHandler<number> {
  return (value) => {
    const number = Number(value.value);
    if (!accepts(number)) throw refused(value);
    return number;
  };
}

const text: TypeHandler<string> = ({ value }) => value;

const booleans: ReadonlyMap<string, boolean> = new Map([["true", true], ["1", true], ["false", false], [
  "0",
  false,
]]);

/** The types that every command knows. */
export const builtInTypes: ReadonlyMap<string, TypeHandler<unknown>> = new Map<string, TypeHandler<unknown>>([
  ["string", text],
  ["file", text],
  ["number", numberThat(Number.isFinite)],
  ["integer", numberThat(Number.isInteger)],
  ["boolean", (value) => {
    const found = booleans.get(value.value);
    if (found === undefined) throw refused(value, [...booleans.keys()]);
    return found;
  }],
]);
