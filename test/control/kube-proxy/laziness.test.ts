// Rules of all Services cost little until a packet enters a chain of one: counted in pods that were looked at.
import { describe, expect, it } from 'vitest'
import { readProxyConfig } from '../../../src/control/kube-proxy/config.ts'
import { Endpoints } from '../../../src/control/kube-proxy/endpoints.ts'
import { KubeProxy } from '../../../src/control/kube-proxy/kube-proxy.ts'
import { EndpointSlices } from '../../../src/control/services/endpoint-slices.ts'
import { clusterWith, pod, service } from './scene.ts'

const SERVICES = 5
const PODS = 20

const cluster = clusterWith([
  ...Array.from({ length: SERVICES * PODS }, (_, i) =>
    pod(`p${i}`, i % 2 === 0 ? 'n1' : 'n2', `192.168.1.${i + 1}`, { labels: { app: `a${i % SERVICES}` } }),
  ),
  ...Array.from({ length: SERVICES }, (_, i) =>
    service(`s${i}`, { clusterIP: `10.96.0.${i + 1}`, selector: { app: `a${i}` }, ...(i === 0 ? LOCAL() : {}) }),
  ),
])

function LOCAL(): object {
  return { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30080 }] }
}

/** kube-proxy over pods that count who asks whether they are ready. */
function watched() {
  const seen = new Set<string>()
  const own = cluster.ipam.pods.map((one) => {
    const { metadata, status } = one.pod
    const watchedPod = {
      ...one.pod,
      get status() {
        seen.add(metadata.name)
        return status
      },
    }
    return { ...one, pod: watchedPod as typeof one.pod }
  })
  const { resources, nodes } = cluster
  const config = readProxyConfig(resources, [])
  const slices = EndpointSlices.of(resources, own, nodes)
  const proxy = KubeProxy.of(resources.services, config, new Endpoints(slices))
  const looked = (): number => {
    const count = seen.size
    seen.clear()
    return count
  }
  const tables = (node: number) => proxy.tables(4, { node: nodes[node]!, addresses: [] })
  return { tables, looked }
}

describe('rules of Services', () => {
  it('in the chains of all look at one pod a Service that is ready, and on the next node at no other', () => {
    const { tables, looked } = watched()
    expect(looked()).toBe(0)
    for (const table of ['nat', 'filter'] as const) {
      for (const name of ['KUBE-SERVICES', 'KUBE-NODEPORTS']) tables(0)[table]?.chains.get(name)?.()
    }
    expect(looked()).toBe(SERVICES)
    tables(1).nat?.chains.get('KUBE-SERVICES')?.()
    // The one whose external policy is Local asks for a pod on the other node, too.
    expect(looked()).toBe(2)
  })

  it('list the endpoints of a Service when a packet enters its chain', () => {
    const { tables, looked } = watched()
    const { nat } = tables(0)
    const rules = nat!.chains.get('KUBE-SERVICES')!().rules
    looked()
    const to = rules.map(({ target }) => (target?.kind === 'jump' ? target.chain : '')).filter((one) => one !== '')
    expect(looked()).toBe(0)
    const chosen = nat!.chains.get(to[1]!)!()
    expect(chosen.rules.filter(({ meaning }) => meaning?.kind === 'backend')).toHaveLength(PODS)
  })
})
