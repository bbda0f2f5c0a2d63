import { stateChanges } from '../control/index.ts'
import { cablesIn, type Namespace, type Network } from '../model/index.ts'

const FALLBACK = 'tunl0'

/**
 * Pods of a machine on which `tunl0` is made again: that loads the module, which gives every namespace its own.
 *
 * @linux net/ipv4/ip_tunnel.c ip_tunnel_init_net
 */
export function podsWithFallback(
  running: Network,
  written: Network,
  node: string,
  made: Namespace,
): ReadonlyMap<string, Namespace> {
  const isLoaded = (ns: Namespace | undefined): boolean => ns?.interfaces[FALLBACK] !== undefined
  const pods = new Map<string, Namespace>()
  if (isLoaded(running.namespaces[node]) || !isLoaded(made)) return pods
  for (const { ends } of cablesIn(running.wires)(node)) {
    for (const { netns } of ends) {
      const [mine, wanted] = [running.namespaces[netns], written.namespaces[netns]]
      const dev = wanted?.interfaces[FALLBACK]
      if (mine === undefined || isLoaded(mine) || dev === undefined || netns === node) continue
      const taken = new Set(Object.values(mine.interfaces).map(({ ifindex }) => ifindex))
      const ifindex = taken.has(dev.ifindex) ? Math.max(...taken) + 1 : dev.ifindex
      const own = { ...mine, interfaces: { ...mine.interfaces, [FALLBACK]: { ...dev, ifindex } } }
      const alone = (ns: Namespace) => ({ namespaces: { [netns]: ns }, shared: running.shared })
      pods.set(netns, stateChanges(alone(own), alone(wanted!), netns).length === 0 ? wanted! : own)
    }
  }
  return pods
}
