// Help topics: what is true of all commands.

/** The topics of `goose help TOPIC`. */
export const topics: Readonly<Record<string, string>> = {
  filters: `FILTERS
  A filter says which documents. It is checked against the model before anything is sent.

  --where 'path op value'   repeatable, all must hold; the value is read as the field's type
      = != < <= > >=        published=true   views>=500   createdAt<-365d   lastLogin>-2h
      ~=                    title~=/^the/i   (regular expression)
      in, not in            role in admin,author
      exists, not exists    email exists
      null                  parent=null

  --filter EXPR             one filter, in one of two spellings
      Extended JSON         '{"views": {"$gte": 500}, "author": {"$oid": "65f0…"}}'
      shell syntax          '{views: {$gte: 500}, createdAt: {$lt: ISODate("2026-01-01")}}'
  --filter @file.json       from a file
  --filter -                from stdin

  Relative times: 30s 20m 12h 365d 2w, with - for the past and + for the future.
  An unknown path or operator, undefined, and $where are refused with exit code 2.`,
  'exit-codes': `EXIT CODES
    0  ok, also when nothing was found by find
    1  a fault in goose, or the database refused
    2  wrong usage: unknown command, flag, model or path, bad filter, bad model file
    3  declined at a prompt
    4  consent needed and nobody to ask
    5  not found
    6  partly done; the rest is listed
    7  locked by another run
    8  stopped early on purpose: time limit or signal after a checkpoint
    9  findings: drift, a broken reference, a cycle
   10  cannot connect or not authorized
   11  not valid, duplicate key, version conflict, cannot be decrypted
   12  the plan no longer fits
  130, 143  ended by a second SIGINT or SIGTERM`,
  environment: `ENVIRONMENT
  GOOSE_URI            the database
  GOOSE_CONNECTION     a named connection
  MONGODB_URI          the database, when goose.config names none
  GOOSE_NO_COLOR, NO_COLOR, FORCE_COLOR   colour; --color and --no-color win
  GOOSE_PAGER, PAGER   what shows answers longer than the screen (less -FRX); empty or cat for none
  GOOSE_KEYS           keys of encrypted fields, newest first: id:base64,id:base64
  GOOSE_ACTOR          who is named in audit entries and runs; without it user@host
  XDG_CONFIG_HOME      where goose/config.json of the user lies (~/.config)
  XDG_CACHE_HOME       where compiled code is kept (~/.cache)
  XDG_STATE_HOME       where the history of goose repl is kept (~/.local/state)
  CI                   set: nobody is asked anything
  NODE_ENV             development: scans of whole collections and N+1 queries are warned of

  Order: flag, GOOSE_*, goose.config, MONGODB_URI, user configuration,
  and without any of them the embedded database in .goose/data of the project.`,
  formatting: `FORMATTING
  On a terminal, data is a table; in a pipe, one JSON document on each line, complete.
  --output table    fits the terminal; ids and dates shortened
           wide     every column, nothing shortened
           json     one JSON array, or { ok, data } for small results
           ndjson   one JSON document on each line
           csv      a header line, then one line for each document; data as it is, so that a
                    spreadsheet takes text that begins with = + - or @ for a formula
           yaml     one YAML document each
           ejson    canonical Extended JSON, which keeps every BSON type
  Data goes to stdout, everything else to stderr. Errors are one JSON line with json, ndjson and ejson.
  Below the rows of find: how many (--count says of how many), how long, which index, and what to
  type for more. Time and index are told on a terminal, or with --verbose.
  (missing) marks a reference whose document is gone.`,
  safety: `SAFETY
  Nothing is guessed and run: an unknown command, model, path or flag ends with the nearest name.
  A write by filter refuses an empty filter; --all means all.
  Commands ask on a terminal only; without one they end with exit code 4 and name the flag to add.
  --yes accepts what can be undone; what cannot needs --confirm with the word the command shows.
  A connection with protected: true needs --confirm for every write.
  Passwords are masked in every output. There is no flag for a password: use --uri-file.`,
}
