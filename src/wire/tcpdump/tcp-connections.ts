// internal to the room, but for the class

/** The sequence numbers of a connection's two sides that count as 0, as seen by one of them. */
export interface TcpOrigin {
  /** Of the side that sends. */
  readonly own: number
  /** Of the side that is acknowledged. */
  readonly other: number
}

/** Both ends in one order, and the number each began with. */
interface Connection {
  low: number
  high: number
}

/**
 * What tcpdump keeps of the TCP connections of one capture: after the first segment with ACK, numbers are printed from where
 * their side began.
 */
export class TcpConnections {
  private readonly connections = new Map<string, Connection>()

  /**
   * Looks at a segment that carries ACK.
   * @returns what to subtract; absent for the segment that a connection is known by from now on
   */
  see(source: string, destination: string, syn: boolean, sequence: number, ack: number): TcpOrigin | undefined {
    const isLow = source < destination
    const key = isLow ? `${source} ${destination}` : `${destination} ${source}`
    const known = syn ? undefined : this.connections.get(key)
    if (known !== undefined)
      return isLow ? { own: known.low, other: known.high } : { own: known.high, other: known.low }
    const before = (ack - 1) >>> 0
    this.connections.set(key, isLow ? { low: sequence, high: before } : { low: before, high: sequence })
    return undefined
  }
}
