/** The name calico-node takes for its node, and what it says of it. */
export interface NodeName {
  /** The name; empty when there is none to be found. */
  readonly name: string
  /** Where it is from. */
  readonly message: string
}

/**
 * The name of the node: `NODENAME` as it is written, else `HOSTNAME`, else the name of the machine, these in lower case.
 *
 * @calico node/pkg/lifecycle/utils/utils.go DetermineNodeName
 */
export function nodeNameOf(variable: (name: string) => string | undefined, hostname: string): NodeName {
  const given = variable('NODENAME')?.trim() ?? ''
  if (given !== '') return { name: given, message: `Using NODENAME environment for node name ${given}` }
  const fromHost = variable('HOSTNAME')?.trim().toLowerCase() ?? ''
  if (fromHost !== '') {
    return { name: fromHost, message: `Using HOSTNAME environment (lowercase) for node name ${fromHost}` }
  }
  const message = 'Using auto-detected node name. It is recommended that an explicit value is supplied using NODENAME'
  return { name: hostname.trim().toLowerCase(), message }
}
