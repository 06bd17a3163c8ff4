/** Whether it is an object, and neither a list nor null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A line for everything in an object that should not be there. */
export function unknownFields(
  value: Readonly<Record<string, unknown>>,
  { at, known }: { readonly at: string; readonly known: readonly string[] },
): string[] {
  return Object.keys(value).filter((field) => !known.includes(field)).map((field) =>
    `${at}.${field} in pot.jsonc is no setting (known: ${known.join(", ")})`
  );
}
