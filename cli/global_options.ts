/** Options that the root gives to every command. A `type`, as Cliffy asks for an index signature. */
export type GlobalOptions = {
  json?: boolean;
  config?: string;
  home?: string;
};
