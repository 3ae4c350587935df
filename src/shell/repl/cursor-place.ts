// What the end of a line stands in: the value it goes on with, the calls and objects around it. No code is run.

/** A value as it is written: a name, and what is asked of it. */
export interface Chain {
  readonly root: string
  readonly steps: readonly Step[]
}

/** One name behind a dot; whether it was called. */
export interface Step {
  readonly name: string
  readonly isCalled: boolean
}

/** One bracket that is still open. */
export interface Frame {
  readonly sign: '(' | '[' | '{'
  /** The value that is called. */
  readonly callee?: Chain | undefined
  /** How many commas stand in it. */
  readonly index: number
  /** The key whose value is being written. */
  readonly key?: string | undefined
}

/** Where a line ends. */
export interface CursorPlace {
  /** The open brackets, outer ones first. */
  readonly frames: readonly Frame[]
  /** The value whose member is being typed. */
  readonly owner?: Chain | undefined
  /** The quotation mark of a text that is still open. */
  readonly quote: string
  /** What was typed of the word. */
  readonly stem: string
}

/** Reads the end of a line. */
export function cursorPlace(line: string): CursorPlace {
  const reader = new Reader()
  for (const token of tokensOf(line)) reader.take(token)
  return reader.place
}

type Token = { readonly kind: 'word' | 'text' | 'sign' | 'space' | 'regex'; readonly text: string }

const forms =
  /(?<space>\s+)|(?<regex>(?<=(?:^|[:(,=[!&|?{;])\s*)\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*)|(?<text>'(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)|`(?:[^`\\]|\\.)*(?:`|$))|(?<word>[\w$\u0080-\uffff]+)|(?<sign>.)/gsu

function* tokensOf(line: string): Iterable<Token> {
  for (const { groups = {} } of line.matchAll(forms)) {
    const [kind, text] = Object.entries(groups).find(([, part]) => part !== undefined) as [Token['kind'], string]
    yield { kind, text }
  }
}

interface OpenFrame {
  readonly sign: '(' | '[' | '{'
  readonly callee: Chain | undefined
  index: number
  key: string | undefined
}

// Words behind which a value begins anew.
const openers = new Set(
  'await return typeof void new delete in of const let var if for while throw case else do'.split(' '),
)

class Reader {
  readonly #frames: OpenFrame[] = []
  #chain: { readonly root: string; readonly steps: Step[] } | undefined
  #isBehindDot = false
  /** The word or text just read, which may be the key of what follows. */
  #last = ''
  #stem = ''
  #quote = ''

  get place(): CursorPlace {
    const frames = this.#frames.map(frame => ({ ...frame }))
    const owner = this.#isBehindDot ? this.#chain : undefined
    return { frames, owner, quote: this.#quote, stem: this.#stem }
  }

  take({ kind, text }: Token): void {
    if (kind !== 'space' || text.includes('\n')) this.#settle()
    if (kind === 'word') this.#takeWord(text)
    else if (kind === 'text') this.#takeText(text)
    else if (kind === 'space') this.#takeSpace()
    else this.#takeSign(kind === 'sign' ? text : ';')
  }

  // Only the last word is one that is still being typed.
  #settle(): void {
    if (this.#isBehindDot && this.#stem !== '') {
      this.#chain?.steps.push({ name: this.#stem, isCalled: false })
      this.#isBehindDot = false
    }
    this.#stem = ''
    this.#quote = ''
  }

  #takeSpace(): void {
    this.#settle()
    if (openers.has(this.#last)) this.#chain = undefined
  }

  #takeWord(text: string): void {
    this.#stem = text
    this.#last = text
    if (!this.#isBehindDot) this.#chain = { root: text, steps: [] }
  }

  #takeText(text: string): void {
    const quote = text.charAt(0)
    const isOpen = text.length === 1 || !text.endsWith(quote) || /\\.$/s.test(text.slice(-2))
    this.#chain = undefined
    this.#isBehindDot = false
    this.#last = isOpen ? text.slice(1) : text.slice(1, -1)
    if (!isOpen) return
    this.#quote = quote
    this.#stem = text.slice(1)
  }

  #takeSign(sign: string): void {
    const frame = this.#frames.at(-1)
    if (sign === '(' || sign === '[' || sign === '{') {
      const callee = sign === '(' && this.#chain && !openers.has(this.#last) ? this.#chain : undefined
      this.#frames.push({ sign, callee, index: 0, key: undefined })
      this.#chain = undefined
    } else if (sign === ')' || sign === ']' || sign === '}') this.#close(this.#frames.pop())
    else if (sign === ',' && frame) {
      frame.index += 1
      frame.key = undefined
    } else if (sign === ':' && frame?.sign === '{') frame.key = this.#last
    if (sign === '.') this.#isBehindDot = this.#chain !== undefined
    else if (sign !== ')' && sign !== '?') {
      this.#chain = undefined
      this.#isBehindDot = false
    }
  }

  // `(await Post)` goes on as what it holds; a call goes on as what was called.
  #close(frame: OpenFrame | undefined): void {
    if (frame?.sign !== '(') return
    const { callee } = frame
    const called = callee?.steps.at(-1)
    if (!callee) return
    this.#chain = called
      ? { root: callee.root, steps: [...callee.steps.slice(0, -1), { name: called.name, isCalled: true }] }
      : undefined
  }
}
