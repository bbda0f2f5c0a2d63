/** A packet that its own host refused to send: longer than the MTU of its way. */
export interface TooLong {
  /** Destination. */
  readonly destination: string
  /** Bytes of the IP packet. */
  readonly length: number
  /** Bytes in front of the data. */
  readonly headers: number
  /** What the way takes. */
  readonly mtu: number
}
