import {
  containsPrefix,
  familyOf,
  ipv6ToBytes,
  parseCidr,
  prefixAddress,
  prefixLength,
  prefixOf,
  toHex,
} from '../../wire/index.ts'
import type { IPPoolResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import type { FieldPath } from '../origin.ts'
import { cniTypeOf, ipamTypeOf, usesBgp } from './installation.ts'
import type { InstallationResource } from './installation-kind.ts'

/** The modes of an encapsulation of the operator. */
const MODES = {
  None: {},
  IPIP: { ipipMode: 'Always' },
  IPIPCrossSubnet: { ipipMode: 'CrossSubnet' },
  VXLAN: { vxlanMode: 'Always' },
  VXLANCrossSubnet: { vxlanMode: 'CrossSubnet' },
} as const satisfies Readonly<Record<string, Partial<IPPoolResource['spec']>>>

type Listed = NonNullable<NonNullable<InstallationResource['spec']['calicoNetwork']>['ipPools']>[number]

const BASE: FieldPath = ['spec', 'calicoNetwork', 'ipPools']

/** The pools that are made when none is listed: of kubeadm's ranges, else one; Amazon's nodes have addresses in the usual range. */
function usualPools(installation: InstallationResource, podSubnets: readonly string[]): readonly Listed[] {
  if (ipamTypeOf(installation) !== 'Calico') return []
  const named = (cidr: string): Listed => ({ cidr, name: defaultName(cidr) })
  if (podSubnets.length > 0) {
    return podSubnets.map((cidr, i) => {
      const isFirst = podSubnets.findIndex((other) => familyOf(other) === familyOf(cidr)) === i
      return isFirst ? named(cidr) : { cidr }
    })
  }
  const isAmazon = installation.spec.kubernetesProvider === 'EKS'
  return [isAmazon ? { ...named('172.16.0.0/16'), encapsulation: 'VXLAN' } : named('192.168.0.0/16')]
}

function defaultName(cidr: string): string {
  return `default-ipv${familyOf(cidr)}-ippool`
}

/** A name made of a range: IPv6 written out, with dots. */
function nameOf(text: string): string {
  const cidr = parseCidr(text)
  if (cidr === undefined) return text.replace(/[/:]/g, '-')
  const range = prefixOf(cidr.address, cidr.length)
  const address = prefixAddress(range)
  const written = familyOf(range) === 4 ? address : (toHex(ipv6ToBytes(address)).match(/.{4}/g) ?? []).join('.')
  return `${written}-${prefixLength(range)}`
}

/**
 * The pools that the operator makes of an Installation: those it lists, or the usual ones when it lists none, Calico wires
 * the pods and there are no pools yet.
 *
 * @param existing - pools that are there
 */
export function operatorPools(
  installation: InstallationResource,
  existing: readonly IPPoolResource[],
  podSubnets: readonly string[],
  findings: Findings,
): IPPoolResource[] {
  if (cniTypeOf(installation) !== 'Calico') return []
  const { ipPools } = installation.spec.calicoNetwork ?? {}
  if (ipPools === undefined && existing.length > 0) return []
  const listed = ipPools ?? usualPools(installation, podSubnets)
  if (ipPools !== undefined && podSubnets.length > 0) checkPlatform(installation, ipPools, podSubnets, findings)
  const families = new Set(listed.map(({ cidr }) => familyOf(cidr)))
  const isOneEach = families.size === listed.length
  return listed.map((pool, i) => {
    const there = existing.find(({ spec }) => spec.cidr === pool.cidr)?.metadata.name
    const name = pool.name ?? there ?? (isOneEach ? defaultName(pool.cidr) : nameOf(pool.cidr))
    return poolOf(installation, { ...pool, name }, ipPools === undefined ? [] : [...BASE, i], findings)
  })
}

function poolOf(
  installation: InstallationResource,
  pool: Listed & { readonly name: string },
  path: FieldPath,
  findings: Findings,
): IPPoolResource {
  const isIpv4 = familyOf(pool.cidr) === 4
  const usual = !isIpv4 ? 'None' : usesBgp(installation) ? 'IPIP' : 'VXLAN'
  const { cidr, name, encapsulation = usual, natOutgoing, disableNewAllocations, ...rest } = pool
  const mode = MODES[encapsulation as keyof typeof MODES]
  if (mode === undefined) {
    const expected = `one of ${Object.keys(MODES).join(', ')}`
    findings.fault('invalid', installation, [...path, 'encapsulation'], expected, encapsulation)
  }
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name },
    spec: {
      cidr,
      ...mode,
      natOutgoing: natOutgoing === undefined ? isIpv4 : natOutgoing === 'Enabled',
      ...(disableNewAllocations === true ? { disabled: true } : {}),
      ...(rest.blockSize === undefined ? {} : { blockSize: rest.blockSize }),
      ...(rest.nodeSelector === undefined ? {} : { nodeSelector: rest.nodeSelector }),
      ...(rest.disableBGPExport === undefined ? {} : { disableBGPExport: rest.disableBGPExport }),
      ...(rest.allowedUses === undefined ? {} : { allowedUses: rest.allowedUses }),
      ...(rest.assignmentMode === undefined ? {} : { assignmentMode: rest.assignmentMode }),
    },
    placeOf: ([, field]) => {
      const inner = { ipipMode: 'encapsulation', vxlanMode: 'encapsulation' }[String(field)] ?? field
      return installation.placeOf?.(path.length === 0 || inner === undefined ? path : [...path, inner])
    },
  }
}

/** Pools that are listed must lie in what kubeadm says of pods. */
function checkPlatform(
  installation: InstallationResource,
  listed: readonly Listed[],
  podSubnets: readonly string[],
  findings: Findings,
): void {
  const ranges = podSubnets.flatMap((text) => {
    const cidr = parseCidr(text)
    return cidr === undefined ? [] : [prefixOf(cidr.address, cidr.length)]
  })
  for (const [i, { cidr: text }] of listed.entries()) {
    const cidr = parseCidr(text)
    const range = cidr && prefixOf(cidr.address, cidr.length)
    if (range === undefined || ranges.some((one) => containsPrefix(one, range))) continue
    const expected = `a range within the platform's pod network ${podSubnets.join(', ')}`
    findings.fault('invalid', installation, [...BASE, i, 'cidr'], expected, text)
  }
}
