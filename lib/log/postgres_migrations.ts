/** One step from a schema to the next. */
export interface Migration {
  /** One more than that of the step before; the first is 1. */
  readonly version: number;
  /** What it does, for whoever reads the table of migrations. */
  readonly name: string;
  /** Statements for the schema `pot`. Never changed once released: another step mends it. */
  readonly sql: string;
}

/** Everything that ever happened to the schema, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: "entries, runs, tiles and checkpoints",
    sql: `
      -- Its one row is locked by whoever appends.
      CREATE TABLE pot.head (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        origin text NOT NULL,
        size bigint NOT NULL CHECK (size >= 0)
      );

      CREATE TABLE pot.entry (
        index bigint PRIMARY KEY,
        id bytea NOT NULL,
        event_key bytea NOT NULL,
        run_id text COLLATE "C" NOT NULL,
        bytes bytea NOT NULL
      );
      CREATE UNIQUE INDEX entry_by_event_key ON pot.entry (event_key);
      CREATE INDEX entry_by_id ON pot.entry (id);
      CREATE INDEX entry_by_run ON pot.entry (run_id, index);

      CREATE TABLE pot.run (
        run_id text COLLATE "C" PRIMARY KEY,
        record_count bigint NOT NULL,
        first_index bigint NOT NULL,
        last_index bigint NOT NULL,
        last_id bytea NOT NULL
      );

      -- As in C2SP tlog-tiles: up to 256 hashes of 32 bytes. A shorter version of a tile is its beginning.
      CREATE TABLE pot.tile (
        level smallint NOT NULL,
        index bigint NOT NULL,
        hashes bytea NOT NULL,
        PRIMARY KEY (level, index)
      );
      -- Hashes do not compress.
      ALTER TABLE pot.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

      CREATE TABLE pot.checkpoint (
        size bigint PRIMARY KEY,
        root bytea NOT NULL,
        note text NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now()
      );

      -- A slip of an operator's hand must not change what was recorded.
      CREATE FUNCTION pot.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'pot: what was recorded is never changed or removed';
        END
      $$;
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pot.entry
        FOR EACH STATEMENT EXECUTE FUNCTION pot.refuse_change();
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pot.checkpoint
        FOR EACH STATEMENT EXECUTE FUNCTION pot.refuse_change();
    `,
  },
  {
    version: 2,
    name: "more than one note over a size, as where a log key hands over",
    sql: `
      ALTER TABLE pot.checkpoint DROP CONSTRAINT checkpoint_pkey;
      ALTER TABLE pot.checkpoint ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
      CREATE INDEX checkpoint_by_size ON pot.checkpoint (size, number);
    `,
  },
  {
    version: 3,
    name: "documents that a daemon keeps between its lives",
    sql: `
      CREATE TABLE pot.state (
        name text COLLATE "C" PRIMARY KEY,
        version bigint NOT NULL,
        bytes bytea NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now()
      );
    `,
  },
];
