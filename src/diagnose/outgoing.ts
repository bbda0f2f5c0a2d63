import { originOf } from '../control/index.ts'
import type { Finding } from '../model/index.ts'
import { commandAt, isNobodys, six } from './commands.ts'
import type { Facts } from './facts.ts'
import { type AddressOwner, poolOf } from './owners.ts'

/**
 * A pod's address was seen by somebody outside who knows no way back to it: its node should have put its own in.
 * @param pod - the pod's address
 * @param target - whom the pod talked to
 * @param at - who knows no way back
 */
export function outgoing(pod: string, target: string, at: string, owner: AddressOwner, facts: Facts): Finding {
  const common = {
    code: 'nat_missing',
    netns: owner.node,
    role: facts.network.namespaces[owner.node]?.role ?? 'unknown',
    dev: '',
    what: `${at} knows no way back to ${pod} (${owner.netns}), and ${owner.node} sent its packets out under that address`,
    by: 'felix',
    checks: [
      'calicoctl get ippool -o wide',
      commandAt(facts, owner.node, `ip${six(pod) === '' ? '' : '6'}tables -t nat -nvL cali-nat-outgoing`),
      isNobodys(facts, at)
        ? commandAt(facts, owner.node, `tcpdump -ni any host ${target === '' ? pod : target}`)
        : commandAt(facts, at, `ip ${six(pod)}route get ${pod}`),
    ],
  } as const
  return { ...common, ...reason(pod, target, at, facts) }
}

function reason(
  pod: string,
  target: string,
  at: string,
  { cluster }: Facts,
): Pick<Finding, 'because' | 'right' | 'origin'> {
  const pool = poolOf(cluster, pod)
  const toPool = target === '' ? undefined : poolOf(cluster, target)
  if (pool === undefined) {
    const because = cluster === null ? 'no rule of its nat table changed them' : `no IPPool has ${pod}`
    return { because, right: `Translate what leaves the pods’ range (natOutgoing of its IPPool), or route it at ${at}` }
  }
  if (!pool.natOutgoing) {
    return {
      because: `natOutgoing of IPPool/${pool.name} is not true`,
      right: `Set natOutgoing: true there, or give ${at} routes to the pods`,
      origin: originOf('felix', pool.resource, ['spec', 'natOutgoing']),
    }
  }
  if (toPool !== undefined) {
    return {
      because: `natOutgoing leaves out what goes to a pool, and ${target} lies in IPPool/${toPool.name}`,
      right: `Make IPPool/${toPool.name} smaller, or give ${at} routes to the pods`,
      origin: originOf('felix', toPool.resource, ['spec', 'cidr']),
    }
  }
  return {
    because: `natOutgoing of IPPool/${pool.name} is true, and no rule of the node changed them: rules or sets are not as Felix writes them`,
    right: 'Restart calico-node on the node, and look for its errors',
    origin: originOf('felix', pool.resource, ['spec', 'natOutgoing']),
  }
}
