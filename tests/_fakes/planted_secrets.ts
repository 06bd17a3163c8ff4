import { Buffer } from "node:buffer";
import { secretSettings, secretVariables } from "../../lib/runtime/secret_texts.ts";

/** A secret that was put somewhere, and what of it must turn up nowhere. */
export interface Plant {
  /** The environment variable. */
  readonly variable: string;
  readonly value: string;
  /** The parts that are secret: all of it, or a URL's user info, path and query. */
  readonly secrets: readonly string[];
}

/** Servers that planted URLs lead to, as `host:port`. */
export interface PlantHosts {
  readonly http: string;
  readonly postgres: string;
  readonly smtp: string;
}

/**
 * A secret for every variable that may hold one, each different from all others. It has the form that its setting takes, so that it
 * is used and not only refused.
 *
 * @throws where a setting takes none of the forms known here: add one to `forms`
 */
export function plantSecrets(hosts: PlantHosts): readonly Plant[] {
  const byVariable = new Map(
    secretSettings().flatMap(([name, setting]) =>
      setting.env.map((variable) => [variable, { name, setting }])
    ),
  );
  return secretVariables().map((variable): Plant => {
    const known = byVariable.get(variable);
    const found = forms(hosts).find(({ value }) =>
      known === undefined || known.setting.parse(value) !== undefined
    );
    if (found !== undefined) return { variable, ...found };
    throw new Error(`no form is known here for the setting ${known?.name} (${known?.setting.expected})`);
  });
}

let count = 0;

/** Unlike any other text, and with all that an encoding may change where `isPlain` is false. */
function marker(isPlain: boolean): string {
  const random = crypto.getRandomValues(new Uint8Array(9)).toBase64({ alphabet: "base64url" }).replace(
    /[-_]/g,
    "z",
  );
  const text = `Pl4nt${++count}x${random}`;
  return isPlain ? text : `${text} "q'\\<w>&%+=/ü`;
}

function forms({ http, postgres, smtp }: PlantHosts): readonly Omit<Plant, "variable">[] {
  const whole = (value: string) => ({ value, secrets: [value] });
  const [free, plain, printable] = [marker(false), marker(true), `${marker(true)}"&=+/%'`];
  const [path, query, password, database] = [marker(true), marker(true), marker(true), marker(true)];
  const key = crypto.getRandomValues(new Uint8Array(32)).toHex();
  return [
    whole(free),
    whole(printable),
    whole(plain),
    { value: `http://${http}/v2/${path}?key=${query}`, secrets: [path, query] },
    { value: `postgres://pot:${database}@${postgres}/pot`, secrets: [database] },
    whole(key),
    { value: `smtp://pot:${password}@${smtp}`, secrets: [password] },
    whole(`xoxb-${plain}`),
    whole(plain.replace(/[^A-Za-z0-9]/g, "").padEnd(32, "0").slice(0, 32)),
    whole(key.slice(0, 32)),
    whole(
      `AGE-SECRET-KEY-1${
        [...key.slice(0, 58)].map((digit) => "QPZRY9X8GF2TVDW0"[parseInt(digit, 16)]).join("")
      }`,
    ),
  ];
}

/** Which of the planted secrets are in a text, and how they are spelled there. Knows nothing of how they are redacted. */
export function findPlanted(text: string, plants: readonly Plant[]): readonly string[] {
  const lower = text.toLowerCase();
  return plants.flatMap(({ variable, secrets }) =>
    secrets.flatMap((secret) =>
      Object.entries(spellings(secret))
        .filter(([, spelling]) => lower.includes(spelling.toLowerCase()))
        .map(([name]) => `${variable} (${name})`)
    )
  );
}

/** A secret in every spelling that a careless program could print. */
export function spellings(secret: string): Readonly<Record<string, string>> {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  return {
    "as it is": secret,
    "percent-encoded": encodeURIComponent(secret),
    "in a form": new URLSearchParams({ a: secret }).toString().slice(2),
    "in JSON": inJson,
    "in JSON in JSON": JSON.stringify(inJson).slice(1, -1),
    "in HTML": secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
      '"',
      "&quot;",
    )
      .replaceAll("'", "&#39;"),
    "as hex": bytes.toString("hex"),
    ...Object.fromEntries(
      ["", "u", "us"].flatMap((before) =>
        (["base64", "base64url"] as const).map((encoding) => {
          const first = Math.ceil(before.length * 8 / 6);
          const last = Math.floor((before.length + bytes.length) * 8 / 6);
          const text = Buffer.concat([Buffer.from(before), bytes]).toString(encoding).slice(first, last);
          return [`in ${encoding}, after ${before.length} bytes`, text];
        })
      ),
    ),
    ...(/^[0-9a-f]{64}$/i.test(secret)
      ? { "the key in base64": Buffer.from(secret, "hex").toString("base64").slice(0, 42) }
      : {}),
  };
}
