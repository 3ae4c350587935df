// What the lines and dot commands of one console work with: models, session, and where answers are shown.
import { writeFileSync } from 'node:fs'
import { dirname, parse, relative, resolve } from 'node:path'
import { GooseError } from '../../errors.ts'
import { Query } from '../../runtime/query.ts'
import type { Answer } from '../answer.ts'
import { usage } from '../flags.ts'
import type { ProjectLoader } from '../load-models.ts'
import type { LoadedModel } from '../models.ts'
import { escapeLines } from '../output/escape.ts'
import type { Page } from '../output/page.ts'
import { printAnswer } from '../output/print.ts'
import type { Workspace } from '../workspace.ts'
import { equalCommand } from './equal-command.ts'
import type { Evaluation, Outcome } from './evaluation.ts'
import type { Look } from './inspected.ts'
import { pageText, valueText } from './outcome.ts'
import type { Pages } from './pages.ts'
import type { RcFile } from './project.ts'
import type { Entry } from './saved-entries.ts'
import { scriptOf } from './saved-script.ts'
import type { Session } from './session.ts'

/** What a desk is set up with. */
export interface DeskSetting {
  readonly workspace: Workspace
  readonly session: Session
  readonly evaluation: Evaluation
  readonly page: Page
  readonly look: Look
  /** How wide the terminal is now. */
  width(): number
  /** Writes a line for the person, beside the results. */
  say(text: string): void
  history(): readonly string[]
  /** What the rc file has given to the session. */
  rc(): RcFile | undefined
  /** What loads files of the project. */
  loader(): ProjectLoader
  /** Loads the model files again. */
  reload(): Promise<void>
}

/** The desk of one console. */
export class Desk {
  readonly workspace: Workspace
  readonly session: Session
  readonly evaluation: Evaluation
  readonly #setting: DeskSetting
  #look: Look
  #fixedWidth: number | undefined
  #pages: Pages | undefined
  readonly #entries: Entry[] = []

  constructor(setting: DeskSetting) {
    this.#setting = setting
    this.workspace = setting.workspace
    this.session = setting.session
    this.evaluation = setting.evaluation
    this.#look = setting.look
  }

  get models(): readonly LoadedModel[] {
    return this.session.models
  }

  /** How many columns there are to show something in. */
  get width(): number {
    return this.#fixedWidth ?? this.#setting.width()
  }

  /** Evaluates code and gives what to show; nothing where there is nothing to show. */
  async outcomeOf(
    code: string,
    file: string,
  ): Promise<{ readonly outcome: Outcome; readonly text: string | undefined }> {
    const outcome = await this.evaluation.evaluate(code, file)
    const { kind } = outcome
    if (kind === 'value' || kind === 'pages') this.#entries.push({ code: code.trim(), kind })
    return { outcome, text: await this.textOf(outcome) }
  }

  /** Gives the text of an outcome. */
  async textOf(outcome: Outcome): Promise<string | undefined> {
    const look = { ...this.#look, width: this.width }
    if (outcome.kind === 'stopped')
      return look.style.warning(outcome.way === 'stopped' ? 'stopped' : 'stopped; the transaction is taken back')
    if (outcome.kind === 'value')
      return outcome.value === undefined ? undefined : valueText(outcome.value, look, this.models)
    this.#pages = outcome.first.hasMore ? outcome.pages : undefined
    return pageText(outcome.first, look, this.models)
  }

  /** Tells what a line has done beside its result: what is staged, what was written, what was taken back. */
  news(code = ''): readonly string[] {
    const { staged, written, isTakenBack } = this.session.takeNews()
    const isAlone = written && code !== '' && this.session.mode === 'write'
    const equal = isAlone ? equalCommand(code, this.models) : undefined
    return [
      ...staged.map(({ number }) => `staged #${number} · nothing written · .diff ${number} shows it`),
      ...(equal === undefined ? [] : [`= ${equal}`]),
      ...(isTakenBack ? ['the server has ended the transaction: all of it is taken back'] : []),
    ]
  }

  /** Shows the next page of the last result. */
  async more(): Promise<void> {
    if (!this.#pages) return this.say('there is no more')
    const text = await this.textOf(await this.evaluation.page(this.#pages))
    if (text !== undefined) this.print(text)
  }

  /** Changes how results are shown. */
  show(change: {
    readonly format?: Look['format']
    readonly depth?: number
    readonly width?: number | undefined
  }): void {
    const { width, ...look } = change
    if ('width' in change) this.#fixedWidth = width
    this.#look = { ...this.#look, ...look }
  }

  say(text: string): void {
    this.#setting.say(escapeLines(text))
  }

  print(text: string): void {
    if (text !== '') void this.#setting.page.stdout.write(`${text}\n`)
  }

  /** Shows the answer of a command. */
  async answer(answer: Answer): Promise<void> {
    await printAnswer(answer, { ...this.#setting.page, width: this.width, now: new Date() })
  }

  history(): readonly string[] {
    return this.#setting.history()
  }

  /** Says how long an expression takes. */
  async time(code: string): Promise<void> {
    if (code.trim() === '') throw usage('there is nothing to time', '.time Post.find().count()')
    const started = performance.now()
    const { text } = await this.outcomeOf(`${code}\n`, 'time')
    const milliseconds = Math.round((performance.now() - started) * 10) / 10
    if (text !== undefined) this.print(text)
    this.say(`${milliseconds} ms`)
  }

  /** Explains a query. */
  async explain(code: string): Promise<void> {
    if (code.trim() === '') throw usage('there is nothing to explain', '.explain Post.find({ published: true })')
    const query = await this.#queryOf(code)
    const { explainQuery } = await import('../explaining.ts')
    await this.answer(await explainQuery(query, {}))
  }

  /** Loads the model files again. */
  async reload(): Promise<void> {
    await this.#setting.reload()
    this.say(`loaded ${this.models.length} ${this.models.length === 1 ? 'model' : 'models'} again`)
  }

  /** Evaluates a file, as if it were typed; one with imports, and TypeScript, as a module. */
  async load(file: string): Promise<void> {
    const { codeIn, isModule, moduleValue } = await import('./script.ts')
    const code = codeIn(file)
    const text = isModule(code)
      ? await this.textOf({ kind: 'value', value: await moduleValue(this.session, this.#setting.loader(), code) })
      : (await this.outcomeOf(`${code.text}\n`, code.name)).text
    if (text !== undefined) this.print(text)
  }

  /** Writes the lines of the session as a script. */
  async save(file: string): Promise<void> {
    const entries = this.#entries.filter(({ code }) => code !== '')
    if (entries.length === 0) throw usage('nothing was typed yet that could be saved', 'evaluate something first')
    const { reason } = this.session
    const path = resolve(file)
    const rc = this.#setting.rc()
    const from = rc && `./${relative(dirname(path), rc.file)}`.replace(/^\.\/\.\./, '..')
    const about = { name: parse(path).name, reason, ...(rc && from ? { rc: { from, names: rc.names } } : {}) }
    writeFileSync(path, scriptOf(entries, this.models, about), { flag: 'wx' })
    this.say(`wrote ${file}: run it with \`goose run ${file}\``)
  }

  async #queryOf(code: string): Promise<Query<unknown>> {
    let found: unknown
    await this.session.run(async () => {
      found = await this.evaluation.raw(code)
    })
    if (found instanceof Query) return found as Query<unknown>
    throw new GooseError('USAGE', {
      reason: 'only a query can be explained',
      hint: '.explain Post.find({ published: true })',
    })
  }
}
