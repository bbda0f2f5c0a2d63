import type { PolicyDirection } from '../../model/index.ts'
import type { CalicoRule, EntityRule } from './kinds.ts'
import { type PortsByProtocol, sortedProtocols } from './ports.ts'

/**
 * A rule of Kubernetes as rules of Calico: one a protocol and peer, the protocols outside.
 *
 * @param peers - the side that is named; the ports are always those of the destination
 * @calico libcalico-go/lib/backend/k8s/conversion
 */
export function rulesByProtocol(
  rest: Pick<CalicoRule, 'action' | 'metadata'>,
  ports: PortsByProtocol,
  peers: readonly EntityRule[],
  direction: PolicyDirection,
): CalicoRule[] {
  return sortedProtocols(ports).flatMap(([protocol, numbers]) =>
    peers.map((peer): CalicoRule => {
      const at = numbers.length === 0 ? {} : { ports: numbers }
      const named = { ...rest, ...(protocol === '' ? {} : { protocol }) }
      return direction === 'egress'
        ? { ...named, ...side('destination', { ...peer, ...at }) }
        : { ...named, ...side('source', peer), ...side('destination', at) }
    }),
  )
}

/** A side of a rule; one that asks for nothing is not written. */
function side(name: 'source' | 'destination', rule: EntityRule): Pick<CalicoRule, typeof name> {
  return Object.keys(rule).length === 0 ? {} : { [name]: rule }
}
