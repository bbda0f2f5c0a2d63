import type { CniObjects, ConvertedPod, PluginEndpoint } from '../../control/index.ts'
import { fieldsOf, listOf, type RawObject, rawObjects, textOf, textsOf } from '../raw-objects.ts'

/** What the plugin asks about, with what later steps change of it. */
export interface CniDatastore extends CniObjects {
  /** Takes over objects. */
  readonly apply: (objects: readonly unknown[]) => void
  /** Endpoints that are stored, by `namespace/name`. */
  readonly endpoints: () => ReadonlyMap<string, PluginEndpoint>
  /** Takes one away. */
  readonly remove: (kind: string, name: string, namespace?: string) => void
}

/** The objects of a request, for the plugin. A request that says nothing of ClusterInformation means a Calico that is ready. */
export function cniDatastore(objects: readonly unknown[]): CniDatastore {
  const held = new Map<string, RawObject>()
  const apply = (values: readonly unknown[]): void => {
    for (const object of rawObjects(values)) held.set(keyOf(object.kind, object.name, object.namespace), object)
  }
  apply(objects)
  let isSaid = held.has(keyOf('ClusterInformation', 'default'))
  return {
    pod: (name) => {
      const pod = held.get(`Pod ${name}`)
      return pod && convertedPod(pod)
    },
    namespaceAnnotations: (name) => held.get(keyOf('Namespace', name))?.annotations ?? {},
    podCidrs: (name) => {
      const spec = held.get(keyOf('Node', name))?.spec
      const [list, one] = [listOf(spec?.['podCIDRs']), textOf(spec?.['podCIDR'])]
      return spec && (list.length > 0 ? list.flatMap((cidr) => textOf(cidr) ?? []) : one === undefined ? [] : [one])
    },
    readiness: () => {
      const info = held.get(keyOf('ClusterInformation', 'default'))
      if (info === undefined) return isSaid ? 'unknown' : 'ready'
      return info.spec['datastoreReady'] === true ? 'ready' : 'not-ready'
    },
    endpoints: () => {
      const stored = [...held.values()].filter(({ kind }) => kind === 'WorkloadEndpoint')
      return new Map(
        stored.map(({ name, namespace = 'default', value }) => [`${namespace}/${name}`, endpointOf(value)]),
      )
    },
    apply: (values) => {
      apply(values)
      isSaid ||= held.has(keyOf('ClusterInformation', 'default'))
    },
    remove: (kind, name, namespace) => {
      if (kind === 'ClusterInformation') isSaid = true
      held.delete(keyOf(kind, name, namespace))
    },
  }
}

function keyOf(kind: string, name: string, namespace = 'default'): string {
  const isNamespaced = kind === 'Pod' || kind === 'WorkloadEndpoint'
  return `${kind} ${isNamespaced ? `${namespace}/${name}` : name}`
}

/** An endpoint as it is stored; nothing of it is judged, as nothing of a datastore is. */
function endpointOf(value: RawObject['value']): PluginEndpoint {
  const { metadata, spec } = value
  return { ...value, metadata: fieldsOf(metadata), spec: fieldsOf(spec) } as unknown as PluginEndpoint
}

/** A pod, with what of it is of the right sort. */
function convertedPod({
  value,
  name,
  namespace = 'default',
  labels,
  annotations,
  spec,
  status,
}: RawObject): ConvertedPod {
  const metadata = fieldsOf(value['metadata'])
  const phase = textOf(status['phase'])
  return {
    metadata: {
      name,
      namespace,
      labels,
      annotations,
      ...someTexts(metadata, 'generateName', 'deletionTimestamp'),
      ownerReferences: listOf(metadata['ownerReferences']).map((one) => {
        const { kind, name: owner } = fieldsOf(one)
        return { kind: textOf(kind) ?? '', name: textOf(owner) ?? '' }
      }),
    },
    spec: {
      ...someTexts(spec, 'nodeName', 'serviceAccountName'),
      hostNetwork: spec['hostNetwork'] === true,
      containers: listOf(spec['containers']).map(withPorts),
      initContainers: listOf(spec['initContainers']).map(withPorts),
    },
    status: {
      ...(phase === undefined ? {} : { phase }),
      ...someTexts(status, 'podIP'),
      podIPs: listOf(status['podIPs']).map((one) => ({ ip: textOf(fieldsOf(one)['ip']) ?? '' })),
    },
  }
}

function withPorts(container: unknown): NonNullable<NonNullable<ConvertedPod['spec']>['containers']>[number] {
  return {
    ports: listOf(fieldsOf(container)['ports']).map((one) => {
      const port = fieldsOf(one)
      return { ...someTexts(port, 'name', 'protocol', 'hostIP'), ...someNumbers(port, 'containerPort', 'hostPort') }
    }),
  }
}

function someTexts<Name extends string>(fields: object, ...names: Name[]): Partial<Record<Name, string>> {
  const texts = textsOf(fields)
  return Object.fromEntries(
    names.flatMap((name) => (texts[name] === undefined ? [] : [[name, texts[name]]])),
  ) as Partial<Record<Name, string>>
}

function someNumbers<Name extends string>(
  fields: Readonly<Record<string, unknown>>,
  ...names: Name[]
): Partial<Record<Name, number>> {
  const found = names.filter((name) => typeof fields[name] === 'number').map((name) => [name, fields[name]])
  return Object.fromEntries(found) as Partial<Record<Name, number>>
}
