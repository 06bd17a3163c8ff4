import type { AccessGate } from "../access/access_gate.ts";
import type { Verb } from "../access/permissions.ts";

/** What a method of a port asks for. */
export type MethodRule<Arguments extends readonly unknown[]> =
  /** Changes nothing. */
  | "reads"
  /** Asked for, and noted by what it calls in turn. */
  | { readonly check: Verb }
  /** Asked for and noted. */
  | {
    readonly verb: Verb;
    /** What it is done to, for the audit trail. @default "" */
    readonly subject?: (...given: Arguments) => string;
  };

/** A rule for each method of a port: one without a rule does not compile. */
export type PortRules<Port> = {
  readonly [
    Name in keyof Port as Port[Name] extends ((...given: never[]) => unknown) | undefined
      ? Name extends string ? Name : never
      : never
  ]-?: MethodRule<Parameters<Extract<Port[Name], (...given: never[]) => unknown>>>;
};

type AnyMethod = (...given: unknown[]) => Promise<unknown>;

/** The port behind a gate: methods that change anything are asked for first, all else passes through. Guarded methods must answer with promises. */
export function guardPort<Port extends object>(
  port: Port,
  rules: PortRules<Port>,
  gate: Pick<AccessGate, "check" | "perform">,
): Port {
  const guarded = new Map<PropertyKey, unknown>();
  const all = rules as unknown as Readonly<Record<string, MethodRule<readonly unknown[]>>>;
  for (const [name, rule] of Object.entries(all)) {
    const method = Reflect.get(port, name) as AnyMethod | undefined;
    if (rule !== "reads" && method !== undefined) {
      guarded.set(name, guardMethod(method.bind(port), rule, gate));
    }
  }
  return new Proxy(port, {
    get(target, name) {
      if (guarded.has(name)) return guarded.get(name);
      const value: unknown = Reflect.get(target, name);
      // Its own `this`, also where it has private fields.
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function guardMethod(
  method: AnyMethod,
  rule: Exclude<MethodRule<readonly unknown[]>, "reads">,
  gate: Pick<AccessGate, "check" | "perform">,
): AnyMethod {
  if ("check" in rule) {
    return async (...given) => {
      await gate.check(rule.check);
      return await method(...given);
    };
  }
  const { verb, subject = () => "" } = rule;
  return (...given) => gate.perform(verb, subject(...given), () => method(...given));
}
