import type { LogEntry } from './log-entry.ts'

/** A log at one moment. */
export interface SavedJournal {
  readonly entries: readonly LogEntry[]
  readonly start: number
  readonly end: number
  readonly gone: number
}

/** A log of so many entries; the oldest go, and are counted. */
export class Journal {
  /** How many it holds at most. */
  readonly most: number
  private entries: LogEntry[] = []
  /** Where the first entry is that has not gone. */
  private start = 0
  private gone = 0

  constructor(most: number) {
    this.most = most
  }

  /** Entries in order of time. */
  get all(): readonly LogEntry[] {
    return this.entries.slice(this.start)
  }

  /** How many of the oldest are gone. */
  get dropped(): number {
    return this.gone
  }

  /** Writes entries. */
  add(fresh: readonly LogEntry[]): void {
    for (const one of fresh) this.entries.push(one)
    const excess = Math.max(0, this.entries.length - this.start - this.most)
    this.start += excess
    this.gone += excess
    if (this.start <= this.most) return
    // A saved moment may hold the old list: it is left as it is.
    this.entries = this.entries.slice(this.start)
    this.start = 0
  }

  /** What a saved moment keeps: the list is only ever added to. */
  save(): SavedJournal {
    return { entries: this.entries, start: this.start, end: this.entries.length, gone: this.gone }
  }

  /** What it holds now, whenever it is read: later entries are not among it. */
  witness(): () => readonly LogEntry[] {
    const { entries, start } = this
    const end = entries.length
    return () => entries.slice(start, end)
  }

  /** Goes back to a saved moment. */
  load({ entries, start, end, gone }: SavedJournal): void {
    this.entries = entries.slice(start, end)
    this.start = 0
    this.gone = gone
  }
}
