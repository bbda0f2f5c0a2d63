import type { VersionTraits } from '../calico-version.ts'
import { hostInterfaceName, workloadEndpointName } from '../names.ts'
import { accountProfile, namespaceProfile } from '../policy/profiles.ts'
import { IN_NAMESPACE, ORCHESTRATOR, SERVICE_ACCOUNT } from '../policy/selector-text.ts'
import { type Conversion, type Converted, filled, made, refused } from './converted.ts'
import type { EndpointPort, EndpointSpec } from './endpoint-kind.ts'
import type { ConvertedPod, PortedContainer } from './pod.ts'
import { floatingAddresses, PodRefused, podNetworks, spoofedSources } from './pod-networks.ts'
import { qosControls } from './qos-controls.ts'

/** The endpoint of a pod. */
export type ConvertedEndpoint = Converted<'WorkloadEndpoint', EndpointSpec>

/** What of a release decides about endpoints. */
export type EndpointTraits = Pick<VersionTraits, 'initContainerPorts' | 'qosControls'>

/** A service account's name is a label only while it fits into one. */
const LONGEST_LABEL = 63

/** Annotation that a pod's endpoint has, too. */
const NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status'

/**
 * The endpoint of a pod. Pods of the host's network have none, and one without a node cannot have any.
 *
 * @param prefix - of interfaces of pods
 * @calico libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go
 */
export function endpointOfPod(
  pod: ConvertedPod,
  traits: EndpointTraits,
  prefix = 'cali',
): Conversion<ConvertedEndpoint> {
  if (pod.spec?.hostNetwork === true) return { errors: [] }
  try {
    return { object: endpoint(pod, traits, prefix), errors: [] }
  } catch (error) {
    if (error instanceof PodRefused) return refused(error.message)
    throw error
  }
}

function endpoint(pod: ConvertedPod, traits: EndpointTraits, prefix: string): ConvertedEndpoint {
  const { metadata, spec = {} } = pod
  const { name, namespace = '', annotations = {}, uid, creationTimestamp, generateName } = metadata
  const { nodeName = '', serviceAccountName = '' } = spec
  const named = checkedName(nodeName, name)
  const networks = podNetworks(pod)
  const status = annotations[NETWORK_STATUS]
  const qos = qosControls(annotations, traits.qosControls)
  const containers = [...(spec.containers ?? []), ...(traits.initContainerPorts ? (spec.initContainers ?? []) : [])]
  return made(
    'WorkloadEndpoint',
    {
      name: named,
      ...filled({ namespace, generateName, uid, creationTimestamp }),
      labels: labelsOf(metadata.labels ?? {}, namespace, serviceAccountName),
      ...(status === undefined ? {} : { annotations: { [NETWORK_STATUS]: status } }),
    },
    {
      orchestrator: 'k8s',
      endpoint: 'eth0',
      interfaceName: hostInterfaceName(prefix, namespace, name),
      ...filled({
        node: nodeName,
        pod: name,
        containerID: annotations['cni.projectcalico.org/containerID'],
        serviceAccountName,
        ipNetworks: networks,
        ipNATs: floatingAddresses(pod, networks),
        profiles: profilesOf(namespace, serviceAccountName),
        ports: containers.flatMap(portsOf),
        allowSpoofedSourcePrefixes: spoofedSources(pod),
      }),
      ...(qos === undefined ? {} : { qosControls: qos }),
    },
  )
}

/** The endpoint's name, from names that neither are empty nor begin or end with a dash. */
function checkedName(node: string, pod: string): string {
  for (const [field, value] of [['node', node] as const, ['pod', pod] as const]) {
    const fault =
      value === ''
        ? 'field should be assigned'
        : value.startsWith('-')
          ? "field must not begin with a '-'"
          : value.endsWith('-')
            ? "field must not end with a '-'"
            : undefined
    if (fault !== undefined) throw new PodRefused(`error with field ${field} = '${value}' (${fault})`)
  }
  return workloadEndpointName(node, pod)
}

function labelsOf(
  labels: Readonly<Record<string, string>>,
  namespace: string,
  account: string,
): Readonly<Record<string, string>> {
  return {
    ...labels,
    [IN_NAMESPACE]: namespace,
    [ORCHESTRATOR]: 'k8s',
    ...(account !== '' && account.length < LONGEST_LABEL ? { [SERVICE_ACCOUNT]: account } : {}),
  }
}

function profilesOf(namespace: string, account: string): string[] {
  return [namespaceProfile(namespace), ...(account === '' ? [] : [accountProfile(namespace || 'default', account)])]
}

const PROTOCOLS: readonly EndpointPort['protocol'][] = ['TCP', 'UDP', 'SCTP']

/** Ports with a name or a port of the node; others, and those of other protocols, are left out. */
function portsOf({ ports = [] }: PortedContainer): EndpointPort[] {
  return ports.flatMap(({ name = '', containerPort = 0, hostPort = 0, hostIP = '', protocol: word }) => {
    const protocol = PROTOCOLS.find((one) => one === (word || 'TCP'))
    if (protocol === undefined || containerPort === 0 || (hostPort === 0 && name === '')) return []
    return [{ name, protocol, port: containerPort, hostPort, hostIP }]
  })
}
