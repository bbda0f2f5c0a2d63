/** What a field does, in words for people. */
export interface Meaning {
  /** What it does. */
  readonly does: string
  /** What holds where nobody says it; absent: the default of the API, or nothing. */
  readonly usual?: string
  /** Which state of Linux, or whose decision, it changes; absent: none that packets meet. */
  readonly changes?: string
}

/** Meanings by field of the spec. */
export type Meanings = Readonly<Record<string, Meaning>>

/** A meaning. */
export function means(does: string, changes?: string, usual?: string): Meaning {
  return { does, ...(changes === undefined ? {} : { changes }), ...(usual === undefined ? {} : { usual }) }
}
