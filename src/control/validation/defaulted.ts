import { isRecord } from '../../model/index.ts'
import { familyOf } from '../../wire/index.ts'
import { BLOCK_SIZES } from './ip-pool.ts'
import { saysNothing } from './judge.ts'
import { knownKind } from './kinds.ts'
import { listAt, mapAt, textAt } from './members.ts'
import type { Fields, Shape } from './shape.ts'
import { netOf } from './text-checks.ts'
import { BUILT_IN_TIERS } from './tier.ts'

/** Fills in what an object leaves out, beyond what each field by itself has as its default. */
type Filler = (object: Fields) => Fields

/**
 * An object as the API stores it, with what it leaves out filled in: the defaults of the schema, of Calico's clients and of its
 * admission policies. An object that is none of Calico's comes back as it is; a wrong one keeps what is wrong.
 */
export function defaulted(object: Fields): Fields {
  const { kind, apiVersion } = object
  const known = knownKind(kind, apiVersion)
  if (known === undefined || !('shape' in known)) return object
  const { apiVersion: _, kind: __, ...members } = object
  const filled = withDefaults({ ...members, spec: object['spec'] ?? {} }, known.shape) as Fields
  const whole = { apiVersion, kind, ...filled }
  const filler = typeof kind === 'string' && Object.hasOwn(FILLERS, kind) ? FILLERS[kind] : undefined
  return filler === undefined ? whole : filler(whole)
}

/** A value with the defaults of its fields, at any depth; maps that are left out stay so. */
function withDefaults(value: unknown, shape: Shape): unknown {
  if (shape.is === 'list') return Array.isArray(value) ? value.map((one) => withDefaults(one, shape.of)) : value
  if (shape.is !== 'map' || !isRecord(value)) return value
  const filled: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
    filled[name] = field === undefined ? member : withDefaults(member, field)
  }
  for (const [name, field] of Object.entries(shape.fields)) {
    if (field.fallback !== undefined && saysNothing(filled[name], field)) filled[name] = field.fallback
  }
  return filled
}

function inSpec(fill: (spec: Fields) => Fields): Filler {
  return (object) => {
    const spec = mapAt(object, 'spec') ?? {}
    return { ...object, spec: { ...spec, ...fill(spec) } }
  }
}

/** Types follow from the rules that are there, and the tier is a label, too. @calico api/pkg/defaults */
const policy: Filler = (object) => {
  const filled = inSpec((spec) => (listAt(spec, 'types').length > 0 ? {} : { types: typesOf(spec) }))(object)
  const about = mapAt(object, 'metadata') ?? {}
  const tier = textAt(mapAt(filled, 'spec') ?? {}, 'tier')
  const labels = { ...mapAt(about, 'labels'), 'projectcalico.org/tier': tier }
  return { ...filled, metadata: { ...about, labels } }
}

function typesOf(spec: Fields): string[] {
  if (listAt(spec, 'egress').length === 0) return ['Ingress']
  return listAt(spec, 'ingress').length === 0 ? ['Egress'] : ['Ingress', 'Egress']
}

/** Egress of Kubernetes does not stand alone. @calico api/admission */
const kubernetesPolicy: Filler = inSpec((spec) => {
  if (listAt(spec, 'policyTypes').length > 0) return {}
  return { policyTypes: listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'] }
})

/** @calico libcalico-go/lib/clientv3/ippool.go */
const pool: Filler = inSpec((spec) => {
  const net = netOf(textAt(spec, 'cidr'))
  return {
    ipipMode: textAt(spec, 'ipipMode') || 'Never',
    vxlanMode: textAt(spec, 'vxlanMode') || 'Never',
    ...(listAt(spec, 'allowedUses').length > 0 ? {} : { allowedUses: ['Workload', 'Tunnel'] }),
    ...(spec['blockSize'] || net === undefined ? {} : { blockSize: BLOCK_SIZES[familyOf(net.address)].usual }),
  }
})

/** @calico libcalico-go/lib/resources/tier.go */
const tier: Filler = inSpec((spec) => ({ order: spec['order'] ?? BUILT_IN_TIERS['default']!.order }))

/** @calico libcalico-go/lib/clientv3/felixconfig.go */
const felix: Filler = inSpec((spec) => {
  const { floatingIPs = 'Disabled', bpfConnectTimeLoadBalancingEnabled: old } = spec
  const { bpfConnectTimeLoadBalancing = 'TCP', bpfHostNetworkedNATWithoutCTLB = 'Enabled' } = spec
  if (old === undefined) return { floatingIPs, bpfConnectTimeLoadBalancing, bpfHostNetworkedNATWithoutCTLB }
  return {
    floatingIPs,
    bpfConnectTimeLoadBalancing: old === true ? 'Enabled' : 'Disabled',
    bpfHostNetworkedNATWithoutCTLB: 'Disabled',
  }
})

/** @calico libcalico-go/lib/clientv3/kubecontrollersconfig.go */
const kubeControllers: Filler = inSpec((spec) => {
  const controllers = mapAt(spec, 'controllers') ?? {}
  const node = mapAt(controllers, 'node')
  const { prometheusMetricsPort = 9094 } = spec
  if (node === undefined) return { prometheusMetricsPort }
  const { leakGracePeriod = '15m0s' } = node
  return { prometheusMetricsPort, controllers: { ...controllers, node: { ...node, leakGracePeriod } } }
})

const FILLERS: Readonly<Record<string, Filler>> = {
  NetworkPolicy: policy,
  GlobalNetworkPolicy: policy,
  StagedNetworkPolicy: policy,
  StagedGlobalNetworkPolicy: policy,
  StagedKubernetesNetworkPolicy: kubernetesPolicy,
  IPPool: pool,
  Tier: tier,
  FelixConfiguration: felix,
  KubeControllersConfiguration: kubeControllers,
}
