/**
 * The Services that chains are of, by the names of the chains, as far as somebody has read these: they are hashes of what Services,
 * ports and endpoints are called, so that what is known here holds whatever becomes of a Service.
 */
export class ChainIndex {
  private readonly services = new Map<string, string>()
  /** Whose chains have all been named, of endpoints or of ports. */
  private readonly listed = { endpoints: new WeakSet<object>(), ports: new WeakSet<object>() }

  /** A chain, or the hash in the names of several, is of a Service: `namespace/name`. */
  add(name: string, service: string): void {
    this.services.set(name, service)
  }

  /**
   * The Service a chain is of: `namespace/name`.
   *
   * @param owner - whose chains are asked for
   * @param nameAll - adds the names of all of them; called once for an owner
   */
  serviceOf(name: string, of: 'endpoints' | 'ports', owner: object, nameAll: () => void): string | undefined {
    const known = this.services.get(name)
    const listed = this.listed[of]
    if (known !== undefined || listed.has(owner)) return known
    listed.add(owner)
    nameAll()
    return this.services.get(name)
  }
}
