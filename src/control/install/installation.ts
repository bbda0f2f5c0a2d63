import type { IPPoolResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import type { FieldPath } from '../origin.ts'
import type { Variable } from '../settings/environment.ts'
import type { Autodetection, InstallationResource } from './installation-kind.ts'

/** The modes of an encapsulation of the operator. */
const MODES = {
  None: {},
  IPIP: { ipipMode: 'Always' },
  IPIPCrossSubnet: { ipipMode: 'CrossSubnet' },
  VXLAN: { vxlanMode: 'Always' },
  VXLANCrossSubnet: { vxlanMode: 'CrossSubnet' },
} as const satisfies Readonly<Record<string, Partial<IPPoolResource['spec']>>>

const FIRST_RANGE = '192.168.0.0/16'

/** Which CNI plugin wires the pods; the operator's default is Calico's own, but for hosted clusters that bring one. */
export function cniTypeOf(installation: InstallationResource): string {
  const { cni, kubernetesProvider } = installation.spec
  const brought: Readonly<Record<string, string>> = { EKS: 'AmazonVPC', GKE: 'GKE', AKS: 'AzureVNET' }
  return cni?.type ?? brought[kubernetesProvider ?? ''] ?? 'Calico'
}

/**
 * The pools that the operator makes of an Installation: those it lists, or one of 192.168.0.0/16 (the pod subnet of kubeadm
 * where there is one) when it lists none and Calico wires the pods.
 */
export function operatorPools(
  installation: InstallationResource,
  podSubnets: readonly string[],
  findings: Findings,
): IPPoolResource[] {
  if (cniTypeOf(installation) !== 'Calico') return []
  const { ipPools, bgp } = installation.spec.calicoNetwork ?? {}
  const usual = bgp === 'Disabled' ? 'VXLAN' : 'IPIP'
  const listed = ipPools ?? [{ cidr: podSubnets.find((subnet) => !subnet.includes(':')) ?? FIRST_RANGE }]
  const base: FieldPath = ['spec', 'calicoNetwork', 'ipPools']
  const named = new Set<string>()
  return listed.map((pool, i): IPPoolResource => {
    const { cidr, name, encapsulation = usual, natOutgoing, ...rest } = pool
    const first = cidr.includes(':') ? 'default-ipv6-ippool' : 'default-ipv4-ippool'
    const made = name ?? (named.has(first) ? cidr.replace(/[.:/]/g, '-') : first)
    named.add(made)
    const mode = MODES[encapsulation as keyof typeof MODES]
    if (mode === undefined) {
      const expected = `one of ${Object.keys(MODES).join(', ')}`
      findings.fault('invalid', installation, [...base, i, 'encapsulation'], expected, encapsulation)
    }
    return {
      apiVersion: 'projectcalico.org/v3',
      kind: 'IPPool',
      metadata: { name: made },
      spec: {
        cidr,
        ...mode,
        natOutgoing: natOutgoing !== 'Disabled',
        ...(rest.blockSize === undefined ? {} : { blockSize: rest.blockSize }),
        ...(rest.nodeSelector === undefined ? {} : { nodeSelector: rest.nodeSelector }),
        ...(rest.disableBGPExport === undefined ? {} : { disableBGPExport: rest.disableBGPExport }),
        ...(rest.allowedUses === undefined ? {} : { allowedUses: rest.allowedUses }),
        ...(rest.assignmentMode === undefined ? {} : { assignmentMode: rest.assignmentMode }),
      },
      placeOf: (path) => {
        const field = { ipipMode: 'encapsulation', vxlanMode: 'encapsulation' }[String(path[1])] ?? path[1]
        const inner = ipPools === undefined ? [] : [...base, i, ...(field === undefined ? [] : [field])]
        return installation.placeOf?.(inner)
      },
    }
  })
}

/** Autodetection of the operator in the words of calico-node's variable; `none` where no way is asked for. */
function autodetectionOf(method: Autodetection | undefined): string | undefined {
  if (method === undefined) return undefined
  if (method.kubernetes !== undefined) return 'kubernetes-internal-ip'
  if (method.interface !== undefined) return `interface=${method.interface}`
  if (method.skipInterface !== undefined) return `skip-interface=${method.skipInterface}`
  if (method.canReach !== undefined) return `can-reach=${method.canReach}`
  if (method.cidrs !== undefined) return `cidr=${method.cidrs.join(',')}`
  return method.firstFound === true ? 'first-found' : 'none'
}

/** The variables that the operator gives calico-node, as far as they reach packets. */
export function operatorVariables(installation: InstallationResource): Variable[] {
  const network = installation.spec.calicoNetwork ?? {}
  const { nodeAddressAutodetectionV4: v4, nodeAddressAutodetectionV6: v6, ipPools = [] } = network
  const ipv6 = v6 !== undefined || ipPools.some(({ cidr }) => cidr.includes(':'))
  const own = cniTypeOf(installation) === 'Calico'
  const [way4, way6] = [autodetectionOf(v4), autodetectionOf(v6)]
  const backend = !own ? 'none' : network.bgp === 'Disabled' ? 'vxlan' : 'bird'
  const variables: readonly (readonly [name: string, value: string | undefined, field: string])[] = [
    ['IP', own && way4 !== 'none' ? 'autodetect' : 'none', 'nodeAddressAutodetectionV4'],
    ['IP_AUTODETECTION_METHOD', way4 === 'none' ? undefined : way4, 'nodeAddressAutodetectionV4'],
    ['IP6', ipv6 && way6 !== 'none' ? 'autodetect' : 'none', 'nodeAddressAutodetectionV6'],
    ['IP6_AUTODETECTION_METHOD', way6 === 'none' ? undefined : way6, 'nodeAddressAutodetectionV6'],
    ['CALICO_NETWORKING_BACKEND', backend, 'bgp'],
    ['FELIX_DEFAULTENDPOINTTOHOSTACTION', 'ACCEPT', ''],
    ['FELIX_IPV6SUPPORT', String(ipv6), 'ipPools'],
    ['NO_DEFAULT_POOLS', 'true', 'ipPools'],
  ]
  return variables.flatMap(([name, value, field]): Variable[] => {
    const path = field === '' ? [] : ['spec', 'calicoNetwork', field]
    return value === undefined ? [] : [{ name, value, resource: installation, path }]
  })
}
