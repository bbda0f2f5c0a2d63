/** A port of a pod or a Service, as far as its protocol goes. */
interface AnyPort {
  readonly protocol?: string
}

/** The protocol of a port, in small letters; one that names none is of TCP. */
export function protocolOf({ protocol = 'TCP' }: AnyPort): string {
  return protocol.toLowerCase()
}

/**
 * Whether a port is of a protocol.
 *
 * @param wanted - in small letters
 */
export function isOfProtocol(port: AnyPort, wanted: string): boolean {
  return protocolOf(port) === wanted
}
