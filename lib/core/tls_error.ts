import { UnreachableError } from "./errors.ts";

/**
 * The other side could not show who it is: nothing was sent to it. Nobody asks again by themselves, as only a changed
 * certificate, or another list of trusted authorities, mends it.
 */
export class TlsError extends UnreachableError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "TlsError";
}

/** What to do about a certificate that is not accepted. */
export const TLS_HINT =
  "check the address and the server's certificate; an authority of your own is named by POT_CA_FILE";
