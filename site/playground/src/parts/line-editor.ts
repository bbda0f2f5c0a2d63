// A line that is typed in a terminal: what a line discipline and readline do for a shell.

/** What a line leads to. */
interface LineActs {
  /** Runs a whole line. */
  readonly type: (line: string) => void
  /** Words that could stand at the end of a line. */
  readonly complete: (line: string) => Promise<readonly string[]>
  /** Whether more has to be typed. */
  readonly isUnfinished: (text: string) => Promise<boolean>
}

/** The line under the cursor. */
export class LineEditor {
  /** Whether a line was given to the shell and its prompt is not back. */
  isWaiting = true
  private readonly write: (text: string) => void
  private readonly acts: LineActs
  private prompt = ''
  private begun = ''
  private line = ''
  private at = 0
  private earlier: readonly string[] = []
  private back = 0
  /** Keys that came while the shell was at work. */
  private ahead = ''

  constructor(write: (text: string) => void, acts: LineActs) {
    this.write = write
    this.acts = acts
  }

  /** A new prompt. */
  begin(prompt: string, earlier: readonly string[]): void {
    this.prompt = prompt
    this.earlier = earlier
    this.begun = ''
    this.fresh()
    const { ahead } = this
    this.ahead = ''
    if (ahead !== '') void this.take(ahead)
  }

  /** Keys as a terminal sends them; pasted text comes at once. */
  async take(data: string): Promise<void> {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
    const keys = data.match(/\x1b\[[0-9;]*[~A-Z]|\x1b.|[\s\S]/gu) ?? []
    for (const [i, key] of keys.entries()) {
      if (this.isWaiting) {
        this.ahead += keys.slice(i).join('')
        return
      }
      await this.key(key)
    }
  }

  private fresh(): void {
    this.isWaiting = false
    this.line = ''
    this.at = 0
    this.back = 0
    this.draw()
  }

  private draw(): void {
    const after = this.line.length - this.at
    const head = this.begun === '' ? this.prompt : '> '
    this.write(`\r\x1b[K${head}${this.line}${after > 0 ? `\x1b[${after}D` : ''}`)
  }

  private set(line: string, at = line.length): void {
    this.line = line
    this.at = Math.min(Math.max(at, 0), line.length)
    this.draw()
  }

  private async key(key: string): Promise<void> {
    const { line, at } = this
    switch (key) {
      case '\r':
      case '\n':
        return await this.enter()
      case '\x7f':
      case '\b':
        return at > 0 ? this.set(line.slice(0, at - 1) + line.slice(at), at - 1) : undefined
      case '\x1b[3~':
        return this.set(line.slice(0, at) + line.slice(at + 1), at)
      case '\x1b[D':
        return this.set(line, at - 1)
      case '\x1b[C':
        return this.set(line, at + 1)
      case '\x1b[H':
      case '\x01':
        return this.set(line, 0)
      case '\x1b[F':
      case '\x05':
        return this.set(line)
      case '\x15':
        return this.set(line.slice(at), 0)
      case '\x17':
        return this.set(line.slice(0, at).replace(/\S+\s*$/, '') + line.slice(at), at)
      case '\x1b[A':
        return this.recall(this.back + 1)
      case '\x1b[B':
        return this.recall(this.back - 1)
      case '\x03':
        this.write('^C\r\n')
        this.begun = ''
        return this.fresh()
      case '\x0c':
        this.write('\x1b[2J\x1b[H')
        return this.draw()
      case '\t':
        return await this.completed()
      default:
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no character is not typed
        if (/^[\x00-\x1f]/.test(key)) return
        this.set(line.slice(0, at) + key + line.slice(at), at + key.length)
    }
  }

  private recall(back: number): void {
    if (back < 0 || back > this.earlier.length) return
    this.back = back
    this.set(back === 0 ? '' : (this.earlier[this.earlier.length - back] ?? ''))
  }

  private async enter(): Promise<void> {
    const text = this.begun === '' ? this.line : `${this.begun}\n${this.line}`
    this.write('\r\n')
    if (text.trim() === '') return this.fresh()
    if (text.trim() === 'clear') {
      this.write('\x1b[2J\x1b[3J\x1b[H')
      return this.fresh()
    }
    this.isWaiting = true
    if (/<<|\\$|[|&'"`(]/.test(text) && (await this.acts.isUnfinished(text))) {
      this.begun = text
      this.fresh()
      const { ahead } = this
      this.ahead = ''
      return ahead === '' ? undefined : await this.take(ahead)
    }
    this.acts.type(text)
  }

  private async completed(): Promise<void> {
    const before = this.line.slice(0, this.at)
    const words = await this.acts.complete(before)
    const last = before.split(/\s+/).at(-1) ?? ''
    const common = words.reduce((all, one) => {
      let n = 0
      while (n < all.length && all[n] === one[n]) n += 1
      return all.slice(0, n)
    }, words[0] ?? '')
    if (common.length > last.length) {
      const more = common.slice(last.length) + (words.length === 1 ? ' ' : '')
      this.set(before + more + this.line.slice(this.at), this.at + more.length)
    } else if (words.length > 1) {
      this.write(`\r\n${words.slice(0, 40).join('  ')}${words.length > 40 ? '  …' : ''}\r\n`)
      this.draw()
    }
  }
}
