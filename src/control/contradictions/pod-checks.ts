import { contains, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import { mapAt, mapsAt, textAt } from '../validation/members.ts'
import { type Contradiction, finding } from './finding.ts'
import { type PlainObject, type PlainObjects, sharing } from './objects.ts'
import { plainNodes } from './plain-node.ts'
import { type PlainPool, plainPools } from './pool-checks.ts'

interface PlainPod {
  readonly id: string
  readonly addresses: readonly Ip[]
  readonly asked: readonly Ip[]
}

/** Pods against pools, nodes and each other. */
export function podChecks(objects: PlainObjects): Contradiction[] {
  const pools = plainPools(objects)
  const pods = objects.of('Pod').filter(isNetworked).map(plainPod)
  const held = pods.flatMap(({ id, addresses }) => addresses.map((address) => ({ id, address })))
  const asked = pods.flatMap((pod) => pod.asked.map((address) => ({ id: pod.id, address })))
  return [
    ...sharing(held, ({ address }) => address).map(([address, those]) =>
      finding(
        'pods-share-address',
        those.map(({ id }) => id),
        `${address} is that of ${those.length} pods`,
      ),
    ),
    ...sharing(asked, ({ address }) => address).map(([address, those]) =>
      finding(
        'pods-ask-for-one-address',
        those.map(({ id }) => id),
        `${those.length} pods ask for ${address}`,
      ),
    ),
    ...tunnels(objects, held),
    ...(pools.length === 0 ? [] : outside(held, asked, pools)),
    ...askedPools(objects, pools),
  ]
}

/** Whether a pod has a network of its own, now. */
function isNetworked({ spec, value }: PlainObject): boolean {
  const phase = textAt(mapAt(value, 'status') ?? {}, 'phase')
  return spec['hostNetwork'] !== true && phase !== 'Succeeded' && phase !== 'Failed'
}

function plainPod({ id, value, annotations }: PlainObject): PlainPod {
  const status = mapAt(value, 'status') ?? {}
  const ips = mapsAt(status, 'podIPs').map(([, one]) => textAt(one, 'ip'))
  const texts = ips.length > 0 ? ips : [textAt(status, 'podIP')]
  return { id, addresses: parsed(texts), asked: parsed(listed(annotations['cni.projectcalico.org/ipAddrs'])) }
}

function parsed(texts: readonly string[]): Ip[] {
  return [...new Set(texts.flatMap((text) => parseIp(text) ?? []))]
}

/** The texts of a list in JSON. */
function listed(json: string | undefined): string[] {
  if (json === undefined) return []
  return [...json.matchAll(/"([^"]*)"/g)].map((found) => found[1]!)
}

function tunnels(objects: PlainObjects, held: readonly { id: string; address: Ip }[]): Contradiction[] {
  const byAddress = new Map(held.map(({ id, address }) => [address, id]))
  return plainNodes(objects).flatMap((node) =>
    node.tunnels.flatMap(([device, address]) => {
      const pod = byAddress.get(address)
      if (pod === undefined) return []
      return [finding('tunnel-address-of-pod', [node.id, pod], `${address} is that of ${device} and of a pod`)]
    }),
  )
}

type Held = readonly { readonly id: string; readonly address: Ip }[]

function outside(held: Held, asked: Held, pools: readonly PlainPool[]): Contradiction[] {
  const inPool = ({ address }: { address: Ip }): boolean =>
    pools.some(({ cidr }) => familyOf(cidr) === familyOf(address) && contains(cidr, address))
  return [
    ...held
      .filter((one) => !inPool(one))
      .map(({ id, address }) => finding('pod-outside-pools', [id], `${address} is in no pool: no NAT, no routes`)),
    ...asked
      .filter((one) => !inPool(one))
      .map(({ id, address }) => finding('pod-asks-outside-pools', [id], `it asks for ${address}, which is in no pool`)),
  ]
}

const ASKED_POOLS = ['cni.projectcalico.org/ipv4pools', 'cni.projectcalico.org/ipv6pools'] as const

/** Pools that annotations of pods and namespaces ask for, by name or range. */
function askedPools(objects: PlainObjects, pools: readonly PlainPool[]): Contradiction[] {
  const enabled = new Set(pools.filter(({ disabled }) => !disabled).flatMap(({ name, cidr }) => [name, cidr]))
  return [...objects.of('Pod'), ...objects.of('Namespace')].flatMap(({ id, annotations }) =>
    ASKED_POOLS.flatMap((key) => listed(annotations[key]))
      .filter((name) => !enabled.has(name))
      .map((name) => finding('pod-asks-for-no-pool', [id], `it asks for ${name}, which is no enabled pool`)),
  )
}
