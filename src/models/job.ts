// Jobs: maintenance scripts that `goose run` carries out, with named steps that are not done twice.

/** Documents of a model as a script without its types reads them; import the model's class for more. */
export interface JobQuery {
  sort(...paths: string[]): JobQuery
  limit(count: number): JobQuery
  all(): Promise<readonly Record<string, unknown>[]>
  first(): Promise<Record<string, unknown> | null>
  count(): Promise<number>
  [Symbol.asyncIterator](): AsyncIterator<Record<string, unknown>>
}

/** A model of the project, for scripts that find it by its name. */
export interface JobModel {
  readonly modelName: string
  find(filter?: object): JobQuery
  create(input: object): Promise<Record<string, unknown>>
  updateMany(filter: object, update: object, options?: { readonly all?: boolean }): Promise<{ modifiedCount: number }>
  deleteMany(filter: object, options?: { readonly all?: boolean }): Promise<{ deletedCount: number }>
}

/** How a step is done. */
export interface StepOptions {
  /** Does the step and notes that it is done in one transaction: then a crash cannot repeat it. */
  readonly atomic?: boolean
}

/** What a job works with. */
export interface JobContext {
  /** The models of the project by name. */
  readonly models: Readonly<Record<string, JobModel>>
  /** What stands behind `--` on the command line. */
  readonly args: readonly string[]
  /** Aborted when the job is to stop: by a signal, or because its lock was lost. */
  readonly signal: AbortSignal
  /** Adds a line to the log of the run. */
  log(text: string): Promise<void>
  /** Tells how far the job has come. */
  progress(done: number, total?: number): void
  /** Does a step, unless it was done before a crash or a stop: then gives what it gave. */
  step<T>(name: string, work: () => T | Promise<T>, options?: StepOptions): Promise<T>
}

/** A maintenance script. */
export interface Job {
  /** The name of its lock, and of its runs in `goose jobs`. */
  readonly name: string
  run(context: JobContext): unknown
}

/** Defines a maintenance script for `goose run`; returns it as it is.
 *
 * ```ts
 * const job = defineJob({
 *   name: 'tidy',
 *   async run({ step, log }) {
 *     const count = await step('count', () => 3)
 *     await log(`${count} counted`)
 *   },
 * })
 * ```
 */
export function defineJob(job: Job): Job {
  return job
}
