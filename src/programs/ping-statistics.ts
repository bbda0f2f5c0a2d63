/** Round-trip times of a ping run, in nanoseconds. */
export class PingStatistics {
  /** Replies with a time. */
  count = 0
  /** Shortest. */
  min: number = Number.POSITIVE_INFINITY
  /** Longest. */
  max = 0
  private sum = 0
  private squares = 0

  /** Adds one round trip. */
  add(rtt: number): void {
    this.count++
    this.min = Math.min(this.min, rtt)
    this.max = Math.max(this.max, rtt)
    this.sum += rtt
    this.squares += rtt * rtt
  }

  /** Average. */
  get average(): number {
    return this.count === 0 ? 0 : this.sum / this.count
  }

  /** Standard deviation, as iputils computes its `mdev`. */
  get deviation(): number {
    return this.count === 0 ? 0 : Math.sqrt(Math.max(0, this.squares / this.count - this.average * this.average))
  }
}

/** A time as iputils prints it behind `time=`: three digits that count. */
export function roundTripText(nanoseconds: number): string {
  const us = Math.round(nanoseconds / 1000)
  const ms = us / 1000
  if (us >= 99_950) return ms.toFixed(0)
  if (us >= 9_995) return ms.toFixed(1)
  return us >= 1_000 ? ms.toFixed(2) : ms.toFixed(3)
}

/** Milliseconds with three decimals. */
export function milliseconds(nanoseconds: number): string {
  return (nanoseconds / 1_000_000).toFixed(3)
}
