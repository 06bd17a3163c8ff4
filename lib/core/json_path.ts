/** Where a value stands inside a JSON value: object keys and array indices, outermost first. */
export type JsonPath = readonly (string | number)[];

/** The tail of a longer path helps nobody. */
const MAX_STEPS = 8;
const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

/** `metrics.loss`, `layers[3].name`, `["odd key"]`; "the value" for the outermost one; the first steps of a long one. */
export function formatJsonPath(path: JsonPath): string {
  if (path.length === 0) return "the value";
  let text = "";
  for (const step of path.slice(0, MAX_STEPS)) {
    if (typeof step === "number") text += `[${step}]`;
    else if (PLAIN_KEY.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return path.length > MAX_STEPS ? `${text}…` : text;
}
