import { isLoopback } from "../core/is_loopback.ts";

/** Where a PostgreSQL database is, and how to get in. Holds the password: never printed. */
export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Absent: PGUSER, or the name of the system's user. */
  readonly user?: string;
  /** Absent: PGPASSWORD, or none. */
  readonly password?: string;
  readonly tls: TlsMode;
  /** File of the certificates to trust, instead of the system's (`sslrootcert`). */
  readonly rootCertificateFile?: string;
}

/**
 * `off` sends everything in the clear; `unverified` encrypts without knowing to whom; `chain` asks for a certificate of
 * a trusted authority; `full` also for the host's name on it.
 */
export type TlsMode = "off" | "unverified" | "chain" | "full";

/** libpq's words. Its `allow` and `prefer` are left out: they may end in plain text without anybody having said so. */
const MODES: Readonly<Record<string, TlsMode>> = {
  "disable": "off",
  "require": "unverified",
  "verify-ca": "chain",
  "verify-full": "full",
};

/** Finishes the sentence "must be …" for {@linkcode parsePostgresUrl}. */
export const POSTGRES_URL_FORM =
  "postgres://user@host/database, with ?sslmode=disable, require, verify-ca or verify-full, and sslrootcert=<file>, where wanted";

/**
 * Reads a PostgreSQL URL; `undefined` for what is none, or asks for what is not done here. Without `sslmode` a server on
 * this machine is talked to in the clear, and any other only over TLS with a certificate of its name.
 */
export function parsePostgresUrl(text: string): PostgresTarget | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, username, password, searchParams, hash } = new URL(text);
  if (!/^postgres(?:ql)?:$/.test(protocol) || hostname === "" || hash !== "") return undefined;
  const parameters = [...searchParams.keys()];
  if (parameters.some((name) => name !== "sslmode" && name !== "sslrootcert")) return undefined;
  if (new Set(parameters).size !== parameters.length) return undefined;

  const database = decode(pathname.slice(1));
  const user = decode(username);
  const secret = decode(password);
  if (database === undefined || database === "" || user === undefined || secret === undefined) {
    return undefined;
  }
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const sslmode = searchParams.get("sslmode");
  const tls = sslmode === null ? (isLoopback(hostname) ? "off" : "full") : modeOf(sslmode);
  if (tls === undefined) return undefined;
  const rootCertificateFile = searchParams.get("sslrootcert");
  // As libpq has it: whoever names an authority wants it asked.
  const checked = tls === "unverified" && rootCertificateFile !== null ? "chain" : tls;
  return {
    host,
    port: port === "" ? 5432 : Number(port),
    database,
    tls: checked,
    ...(user === "" ? {} : { user }),
    ...(secret === "" ? {} : { password: secret }),
    ...(rootCertificateFile === null ? {} : { rootCertificateFile }),
  };
}

function modeOf(sslmode: string): TlsMode | undefined {
  return Object.hasOwn(MODES, sslmode) ? MODES[sslmode] : undefined;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
