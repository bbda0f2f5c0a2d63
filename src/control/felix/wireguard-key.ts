import { base64 } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import { seededBytes } from '../sha1.ts'

/**
 * The public keys nodes have published. Where no node has one, Felix has not run yet: each enabled node then gets one made
 * from the seed. Where some have one, the others have none and stay in the clear.
 */
export function wireguardKeys(nodes: readonly ClusterNode[], ipv6: boolean, seed: number): ReadonlyMap<string, string> {
  const annotation = ipv6 ? 'WireguardPublicKeyV6' : 'WireguardPublicKey'
  const enabled = nodes.filter((node) => (ipv6 ? node.felix.wireguardV6 : node.felix.wireguard))
  const published = new Map<string, string>()
  for (const node of enabled) {
    const key = calicoAnnotation(node.resource, annotation)
    if (key !== undefined) published.set(node.name, key)
  }
  if (published.size > 0) return published
  return new Map(
    enabled.map((node) => {
      const bytes = new Uint8Array(32)
      bytes.set(seededBytes(seed, `${annotation}/${node.name}`))
      bytes.set(seededBytes(seed, `${annotation}/${node.name}/rest`).subarray(0, 12), 20)
      return [node.name, base64(bytes)]
    }),
  )
}
