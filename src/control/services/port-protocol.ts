/**
 * Whether a port of a pod or a Service is of a protocol; one that names none is of TCP.
 *
 * @param wanted - in small letters
 */
export function isOfProtocol({ protocol = 'TCP' }: { readonly protocol?: string }, wanted: string): boolean {
  return protocol.toLowerCase() === wanted
}
