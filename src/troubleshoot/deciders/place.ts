/** What a deciding command is about. */
export interface DecidedPlace {
  /** Node to look at. */
  readonly node: string
  /** Its address between nodes. */
  readonly nodeAddress: string
  /** Node at the other end; the same where there is none. */
  readonly peer: string
  /** Address of that node between nodes. */
  readonly peerAddress: string
  /** Address between nodes of whichever of the two ends' nodes is not `node`. */
  readonly otherAddress: string
  /** The node of who asks. */
  readonly askerNode: string
  /** Who asks: `namespace/pod`, or a node. */
  readonly from: string
  /** Address that is asked. */
  readonly target: string
  /** The address asked, whatever lookup went wrong. */
  readonly asked: string
  /** Address of who asks. */
  readonly source: string
  /** Interface. */
  readonly dev: string
  /** The card of `peer`. */
  readonly card: string
  /** The card of `node`, with its addresses and MTU; that of `peer` beside it. */
  readonly cards: { readonly node: Card; readonly peer: Card }
  /** Host end of the pod that is asked, or asks. */
  readonly podDev: string
  /** Name of the pod that is asked; '' where none is. */
  readonly toPod: string
  /** MTU of who asks. */
  readonly mtu: number
  /** Device of the tunnel between nodes; the card where there is none. */
  readonly tunnel: string
  /** Hardware address of that device on the other node; '' where it has none. */
  readonly tunnelMac: string
  /** The same on `node`. */
  readonly nodeTunnelMac: string
  /** Addresses of tunnels of `node` and `peer`. */
  readonly tunnelAddresses: readonly string[]
  /** Port of the flow; 0 for none. */
  readonly port: number | string
  /** Name of the Service that is asked; '' for none. */
  readonly service: string
  /** A TCP port of the Service that is asked; 0 for none. */
  readonly servicePort: number
  /** The pool that has the address asked, and that of who asks; '' where none has. */
  readonly pools: { readonly target: string; readonly source: string }
  /** The block of the address asked; '' where none is known. */
  readonly block: string
  /** Where the default route of `node` leads; '' where it has none. */
  readonly gateway: string
  /** The chain whose rule dropped; '' where none did. */
  readonly chain: string
  /** The address asked is one of `node` itself. */
  readonly isLocal: boolean
  /** A check of sources in the table raw refused it. */
  readonly isRaw: boolean
}

/** A card, as far as commands tell. */
export interface Card {
  readonly name: string
  readonly mtu: number
  /** The MTU that follows from the objects; that of the other card where no object says. */
  readonly meant: number
  /** `address/length`; '' without one. */
  readonly cidr: string
}
