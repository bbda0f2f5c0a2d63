/** Where a fragment fell. */
export type FragPlace = 'new' | 'duplicate' | 'overlap'

interface Run {
  readonly start: number
  end: number
}

/**
 * The stretches of a datagram that have come. Fragments in order make the last stretch longer; what lies wholly inside one
 * stretch is a duplicate; anything else that touches one overlaps.
 *
 * @linux net/ipv4/inet_fragment.c inet_frag_queue_insert
 */
export class FragRuns {
  private runs: Run[] = []

  /** Adds the bytes `[start, end)` if nobody has them. */
  insert(start: number, end: number): FragPlace {
    const { runs } = this
    const last = runs[runs.length - 1]
    if (last === undefined) {
      runs.push({ start, end })
      return 'new'
    }
    if (end > last.end) {
      if (start < last.end) return 'overlap'
      if (start === last.end) last.end = end
      else runs.push({ start, end })
      return 'new'
    }
    for (const [i, run] of runs.entries()) {
      if (end <= run.start) {
        runs.splice(i, 0, { start, end })
        return 'new'
      }
      if (start >= run.end) continue
      return start >= run.start && end <= run.end ? 'duplicate' : 'overlap'
    }
    return 'overlap'
  }

  /** An independent copy. */
  copy(): FragRuns {
    const made = new FragRuns()
    made.runs = this.runs.map((run) => ({ ...run }))
    return made
  }
}

const NOT_ECT = 1
const ECT = 2 | 4
const CE = 8

/**
 * ECN of a datagram by the marks of its fragments: CE wins over ECT; marked and unmarked ones do not go together.
 *
 * @linux net/ipv4/inet_fragment.c ip_frag_ecn_table
 * @param seen - bit n set: a fragment carried ECN value n
 * @returns bits to set, or -1 when the fragments contradict each other
 */
export function reassembledEcn(seen: number): number {
  if ((seen & NOT_ECT) !== 0 && seen !== NOT_ECT) return -1
  return (seen & CE) !== 0 && (seen & ECT) !== 0 ? 3 : 0
}
