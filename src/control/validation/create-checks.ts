import { has, listAt, mapAt, mapsAt, refuseIf, textAt } from './members.ts'
import type { Fields, Refusal } from './shape.ts'

/**
 * What Calico's own clients (calicoctl, the API server) refuse besides the validator when an object is created. `kubectl` with
 * Calico's CRDs does not ask them. @calico libcalico-go/lib/clientv3
 */
export function createRefusalsOf(object: Fields): readonly Refusal[] {
  const { kind } = object
  const check = typeof kind === 'string' && Object.hasOwn(CHECKS, kind) ? CHECKS[kind] : undefined
  return check?.(textAt(mapAt(object, 'metadata') ?? {}, 'name'), mapAt(object, 'spec') ?? {}) ?? []
}

type Check = (name: string, spec: Fields) => readonly Refusal[]

/** There is one object of the kind. */
const onlyDefault: Check = (name) =>
  refuseIf(name !== 'default', ['metadata', 'name'], 'expected default; there is one')

const OF_ALL_NODES = [
  ...['nodeToNodeMeshEnabled', 'asNumber', 'serviceLoadBalancerIPs', 'serviceExternalIPs', 'serviceClusterIPs'],
  ...['nodeMeshPassword', 'nodeMeshMaxRestartTime'],
]

/** Some settings are for all nodes. */
const globalSettings: Check = (name, spec) =>
  name === 'default'
    ? []
    : OF_ALL_NODES.filter((field) => has(spec, field)).map(
        (field): Refusal => ({ at: ['spec', field], message: 'only the BGPConfiguration default can say this' }),
      )

/** IPAM is not configured so that nodes could have no block at all, and a limit of blocks is strict. */
const ipam: Check = (name, spec) => {
  const loose = spec['strictAffinity'] !== true
  const limited = Number(spec['maxBlocksPerHost'] ?? 0) > 0
  return [
    ...onlyDefault(name, spec),
    ...refuseIf(
      loose && spec['autoAllocateBlocks'] === false,
      ['spec', 'autoAllocateBlocks'],
      'autoAllocateBlocks: false needs strictAffinity: true',
    ),
    ...refuseIf(loose && limited, ['spec', 'maxBlocksPerHost'], 'maxBlocksPerHost needs strictAffinity: true'),
  ]
}

/** Templates of host endpoints have names, each its own, and say which interfaces they are for. */
const templates: Check = (name, spec) => {
  const node = mapAt(mapAt(spec, 'controllers') ?? {}, 'node') ?? {}
  const seen = new Set<string>()
  const wrong = mapsAt(mapAt(node, 'hostEndpoint') ?? {}, 'templates').flatMap(([i, template]) => {
    const at = ['spec', 'controllers', 'node', 'hostEndpoint', 'templates', i]
    const own = textAt(template, 'generateName')
    const again = seen.has(own)
    seen.add(own)
    const blind = listAt(template, 'interfaceCIDRs').length === 0 && textAt(template, 'interfacePattern') === ''
    return [
      ...refuseIf(own === '', [...at, 'generateName'], 'expected a name'),
      ...refuseIf(own !== '' && again, [...at, 'generateName'], `${own} is the name of another template`),
      ...refuseIf(blind, at, 'expected interfaceCIDRs or interfacePattern'),
    ]
  })
  return [...onlyDefault(name, spec), ...wrong]
}

/** Objects that are made from Kubernetes' own are not made by hand. */
const notOfKubernetes: Check = (name) =>
  refuseIf(name.startsWith('knp.default.'), ['metadata', 'name'], 'policies of Kubernetes are made by its own API')

const notBuiltIn: Check = (name) =>
  refuseIf(name === 'projectcalico-default-allow', ['metadata', 'name'], 'Calico has this profile already')

const CHECKS: Readonly<Record<string, Check>> = {
  BGPConfiguration: globalSettings,
  ClusterInformation: onlyDefault,
  IPAMConfiguration: ipam,
  IPAMConfig: ipam,
  KubeControllersConfiguration: templates,
  NetworkPolicy: notOfKubernetes,
  Profile: notBuiltIn,
}
