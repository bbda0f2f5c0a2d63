/** What input found in the options of a header (`struct ip_options`). Positions count from the start of the header; 0 = absent. */
export interface IpOptions {
  /** Record route. */
  rr: number
  /** Timestamp. */
  ts: number
  /** Source route, loose or strict. */
  srr: number
  /** The source route is strict. */
  strict: boolean
  /** Router alert. */
  routerAlert: number
  /** The slot that input filled must get the address of the way out. */
  rrNeedsAddress: boolean
  /** Likewise for the timestamp's address. */
  tsNeedsAddress: boolean
  /** The timestamp option wants a time. */
  tsNeedsTime: boolean
  /** Bytes changed: the header checksum is to be made again. */
  changed: boolean
}
