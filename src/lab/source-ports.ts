/** Source ports of runs: inside the kernel's ephemeral range. */
const FIRST = 40000
const LAST = 60999

/** Ports no run of a lab has had yet: the second connection finds no TIME_WAIT of the first. */
export class SourcePorts {
  /** The next one. */
  next: number = FIRST

  /** The next port, which is gone then. */
  take(): number {
    const port = this.next
    this.next = port >= LAST ? FIRST : port + 1
    return port
  }
}
