// Where each command is explained at length: a page of docs/, and the part of it.

const pages: Readonly<Record<string, string>> = {
  apply: 'operations.md#bulk-changes-plan-apply-undo',
  archive: 'operations.md#archive-and-purge',
  'archive:restore': 'operations.md#reading-and-bringing-back',
  audit: 'audit.md#see-and-take-back',
  'audit:seal': 'audit.md#verify-and-seal',
  'audit:verify': 'audit.md#verify-and-seal',
  breadcrumbs: 'plugins.md#tree',
  bulk: 'operations.md#bulk-changes-plan-apply-undo',
  connection: 'deployment.md#connections',
  count: 'queries.md#filters',
  delete: 'plugins.md#softdelete',
  distinct: 'queries.md#filters',
  doctor: 'troubleshooting.md#what-to-look-at-first',
  explain: 'deployment.md#indexes',
  export: 'operations.md#export-and-import',
  find: 'queries.md#filters',
  get: 'queries.md',
  import: 'operations.md#export-and-import',
  indexes: 'models.md#indexes-and-validators',
  init: 'getting-started.md#from-a-database-that-is-there',
  insert: 'getting-started.md#3-put-something-in',
  jobs: 'operations.md#jobs',
  keys: 'encryption.md#keys',
  models: 'models.md',
  ping: 'troubleshooting.md#what-to-look-at-first',
  purge: 'operations.md#purge',
  repl: 'repl.md',
  restore: 'plugins.md#softdelete',
  run: 'operations.md#maintenance-scripts',
  serve: 'embedded.md',
  tree: 'plugins.md#tree',
  undo: 'operations.md#bulk-changes-plan-apply-undo',
  update: 'queries.md#writing-without-reading',
}

/** Gives the page that explains a command: its own, that of its topic, or the page of all commands. */
export function pageOf(command: string): string {
  return pages[command] ?? pages[command.split(':')[0]!] ?? `cli.md#${command.replaceAll(':', '-')}`
}
