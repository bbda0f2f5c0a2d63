import type { OtherResource, ServiceResource } from '../../control/index.ts'
import { safeHash } from '../../controllers/index.ts'
import { didYouMean } from '../../model/index.ts'
import { addressAt, addressCount, isIpv4, parsePrefix, prefixAddress } from '../../wire/index.ts'
import type { Admission } from './admission.ts'
import { at, isFields, listAt, type PlainMap, plain, textAt } from './object.ts'
import type { Seen } from './seen.ts'
import type { Given } from './store.ts'

/** Ports of nodes that an API server gives out. @kubernetes --service-node-port-range */
const NODE_PORTS = { from: 30_000, count: 2768 } as const

/** Where nothing tells the range of Services: that of kubeadm. */
const USUAL_RANGE = '10.96.0.0/12'

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const

/**
 * A Service with what the API server gives it: an address of the range of Services, ports of the nodes. A real one draws them; here
 * they follow from its name. Objects of other kinds stay as they are.
 */
export function withServiceDefaults(seen: Seen, given: Given, before: OtherResource | undefined): Admission {
  if (given.type?.kind !== 'Service') return { given }
  const spec = (at(given.value, 'spec') ?? {}) as PlainMap
  const name = textAt(given.value, 'metadata', 'name') ?? ''
  const type = textAt(spec, 'type') ?? 'ClusterIP'
  if (!TYPES.some((one) => one === type))
    return invalid(name, `spec.type: Unsupported value: "${type}": ${didYouMean(type, TYPES)}`)
  if (type === 'ExternalName') return { given }
  if (listAt(spec, 'ports').length === 0 && textAt(spec, 'clusterIP') !== 'None')
    return invalid(name, 'spec.ports: Required value')
  const own = textAt(before, 'spec', 'clusterIP')
  const asked = textAt(spec, 'clusterIP') ?? own
  if (own !== undefined && own !== 'None' && asked !== own)
    return invalid(name, `spec.clusterIPs[0]: Invalid value: ["${asked}"]: may not change once set`)
  const holder = asked === undefined || asked === own ? undefined : holderOf(seen, asked)
  if (holder !== undefined)
    return invalid(
      name,
      `spec.clusterIPs: Invalid value: ["${asked}"]: failed to allocate IP ${asked}: provided IP is already allocated`,
    )
  const clusterIP = asked ?? freeAddress(seen, `${textAt(given.value, 'metadata', 'namespace')}/${name}`)
  if (clusterIP === undefined)
    return invalid(name, 'spec.clusterIP: packetwalk gives out no address of IPv6; say which it is to be')
  const ports = withNodePorts(seen, listAt(spec, 'ports'), type, before, name)
  const made = before === undefined ? { clusterIPs: at(spec, 'clusterIPs') ?? [clusterIP], type } : {}
  const value = { ...given.value, spec: { ...spec, clusterIP, ...(ports.length === 0 ? {} : { ports }), ...made } }
  return { given: { ...given, value: plain(value) as PlainMap } }
}

function invalid(name: string, why: string): Admission {
  return { refused: `The Service "${name}" is invalid: ${why}` }
}

function holderOf({ resources }: Seen, address: string): ServiceResource | undefined {
  if (address === 'None') return undefined
  return resources.services.find(({ spec }) => spec.clusterIP === address || spec.clusterIPs?.includes(address))
}

/** The range that addresses of Services are from: as kubeadm was told, else around those there are. */
function rangeOf({ resources }: Seen): string {
  for (const { data = {} } of resources.configMaps) {
    const text = Object.values(data).join('\n')
    const found = /serviceSubnet: *"?([^"\s,]+)/.exec(text)?.[1]
    if (found !== undefined) return found
  }
  const address = resources.services
    .map(({ spec }) => spec.clusterIP ?? '')
    .find((one) => /^\d+(?:\.\d+){3}$/.test(one))
  if (address === undefined || address.startsWith('10.96.')) return USUAL_RANGE
  return `${address.split('.').slice(0, 2).join('.')}.0.0/16`
}

/** An address that no Service has; the first 256 are for those who ask for one. @kubernetes pkg/registry/core/service/ipallocator */
function freeAddress(seen: Seen, name: string): string | undefined {
  const range = parsePrefix(rangeOf(seen))
  if (range === undefined || !isIpv4(prefixAddress(range))) return undefined
  const size = addressCount(range)
  const band = size > 512 ? 256 : 1
  const start = safeHash(name) % Math.max(size - band - 1, 1)
  for (let i = 0; i < size; i++) {
    const address = addressAt(range, band + ((start + i) % Math.max(size - band - 1, 1)))
    if (holderOf(seen, address) === undefined) return address
  }
  return undefined
}

function withNodePorts(
  { resources }: Seen,
  ports: readonly unknown[],
  type: string,
  before: OtherResource | undefined,
  name: string,
): readonly unknown[] {
  if (type !== 'NodePort' && type !== 'LoadBalancer') return ports
  const taken = new Set(resources.services.flatMap(({ spec }) => (spec.ports ?? []).map(({ nodePort }) => nodePort)))
  return ports.map((port) => {
    if (!isFields(port) || at(port, 'nodePort') !== undefined) return port
    const was = listAt(before, 'spec', 'ports').find((one) => at(one, 'port') === at(port, 'port'))
    const kept = at(was, 'nodePort')
    if (kept !== undefined) return { ...port, nodePort: kept }
    let number: number = NODE_PORTS.from + (safeHash(`${name} ${textAt(port, 'port')}`) % NODE_PORTS.count)
    while (taken.has(number)) number = NODE_PORTS.from + ((number + 1 - NODE_PORTS.from) % NODE_PORTS.count)
    taken.add(number)
    return { ...port, nodePort: number }
  })
}
