import { familyOf } from '../../wire/index.ts'
import { listAt, refuseIf, textAt } from './members.ts'
import { metadata } from './metadata.ts'
import {
  type Agreement,
  ANYTHING,
  emptyCounts,
  type Fields,
  FLAG,
  type MapShape,
  map,
  needed,
  set,
  shortText,
  whole,
  withDefault,
  words,
  zeroIsNothing,
} from './shape.ts'
import { NET, type Net, NOT_GLOBAL, netOf, RULE_NET, SELECTOR, touches } from './text-checks.ts'

const MODE = words('Never', 'Always', 'CrossSubnet')
const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10']

function isOn(pool: Fields, mode: 'ipipMode' | 'vxlanMode'): boolean {
  return !['', 'Never'].includes(textAt(pool, mode))
}

/** A pool has one encapsulation, and IPIP carries no IPv6. */
const encapsulationAgrees: Agreement = (pool) => {
  const net = netOf(textAt(pool, 'cidr'))
  const ipip = isOn(pool, 'ipipMode')
  return [
    ...refuseIf(ipip && isOn(pool, 'vxlanMode'), ['vxlanMode'], 'ipipMode and vxlanMode cannot both be enabled'),
    ...refuseIf(ipip && net !== undefined && familyOf(net.address) === 6, ['ipipMode'], 'IPIP does not carry IPv6'),
  ]
}

/** Pools for LoadBalancer Services are for nothing else, and routers outside of the cluster must learn them. */
const usesAgree: Agreement = (pool) => {
  const uses = listAt(pool, 'allowedUses')
  const tunnelled = uses.includes('Tunnel') && textAt(pool, 'namespaceSelector') !== ''
  const refusals = refuseIf(tunnelled, ['namespaceSelector'], 'tunnel addresses are in no namespace')
  if (!uses.includes('LoadBalancer')) return refusals
  const mixed = uses.includes('Workload') || uses.includes('Tunnel')
  const encapsulated = (['ipipMode', 'vxlanMode'] as const).filter((mode) => isOn(pool, mode))
  const everywhere = ['', 'all()'].includes(textAt(pool, 'nodeSelector'))
  return [
    ...refusals,
    ...refuseIf(mixed, ['allowedUses'], 'LoadBalancer cannot be combined with other uses'),
    ...encapsulated.map((mode) => ({ at: [mode], message: 'a LoadBalancer pool has no encapsulation' })),
    ...refuseIf(pool['disableBGPExport'] === true, ['disableBGPExport'], 'a LoadBalancer pool must be announced'),
    ...refuseIf(!everywhere, ['nodeSelector'], 'the nodeSelector of a LoadBalancer pool is all()'),
  ]
}

/** Blocks are of a size that Calico handles, and one of them fits into the pool. */
const blocksFit: Agreement = (pool) => {
  const net = netOf(textAt(pool, 'cidr'))
  if (net === undefined) return []
  const { low, usual, high } = BLOCK_SIZES[familyOf(net.address)]
  const said = typeof pool['blockSize'] === 'number' && pool['blockSize'] !== 0 ? pool['blockSize'] : undefined
  const small = pool['disabled'] !== true && net.length > (said ?? usual)
  return [
    ...refuseIf(said !== undefined && (said < low || said > high), ['blockSize'], `expected ${low} to ${high}`),
    ...refuseIf(small, ['cidr'], `expected a range in which a block of /${said ?? usual} fits`),
  ]
}

/** Sizes of blocks by family. @calico api/pkg/apis/projectcalico/v3/ippool.go */
export const BLOCK_SIZES = { 4: { low: 20, usual: 26, high: 32 }, 6: { low: 116, usual: 122, high: 128 } } as const

const notLinkLocal: Agreement = (pool) => {
  const net = netOf(textAt(pool, 'cidr'))
  const range = LINK_LOCAL.find((one) => net !== undefined && touches(net, netOf(one) as Net))
  return refuseIf(range !== undefined, ['cidr'], `overlaps the link-local range ${range}`)
}

/** IPPool. @calico api/pkg/apis/projectcalico/v3/ippool.go */
export const IP_POOL: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map(
      {
        cidr: needed(shortText(48, NET, RULE_NET)),
        vxlanMode: MODE,
        ipipMode: MODE,
        natOutgoing: FLAG,
        disabled: FLAG,
        disableBGPExport: FLAG,
        blockSize: zeroIsNothing(whole(0, 128)),
        nodeSelector: withDefault(shortText(1024, SELECTOR, NOT_GLOBAL), 'all()'),
        namespaceSelector: shortText(1024, SELECTOR, NOT_GLOBAL),
        allowedUses: set(words('Workload', 'Tunnel', 'LoadBalancer'), 10),
        assignmentMode: withDefault(emptyCounts(words('Automatic', 'Manual')), 'Automatic'),
      },
      encapsulationAgrees,
      usesAgree,
      blocksFit,
      notLinkLocal,
    ),
  ),
  status: ANYTHING,
})
