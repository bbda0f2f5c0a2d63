/** What a user does by hand, as events: several changes of one command are one. */
export class Hand {
  /** What is done now that counts as one event; `number` once it has changed something, or has one already. */
  private doing: { number?: number } | null = null

  /** What a user changes meanwhile, if anything, is one event. @param number - that event, where it has happened already */
  during<T>(act: () => T, number?: number): T {
    const outer = this.doing
    if (outer !== null && number === undefined) return act()
    this.doing = number === undefined ? {} : { number }
    try {
      return act()
    } finally {
      this.doing = outer
    }
  }

  /** The event that a change now is, after so many. */
  eventAfter(events: number): number {
    // A moment may have been restored since the first change.
    const known = this.doing?.number ?? Number.POSITIVE_INFINITY
    return known <= events ? known : events + 1
  }

  /** Something has changed: what follows within the same is the same event. */
  changed(event: number): void {
    if (this.doing !== null) this.doing.number = event
  }
}
