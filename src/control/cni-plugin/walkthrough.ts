import { familyOf, hostPrefix, type Ip, isIpv4 } from '../../wire/index.ts'
import type { Cluster } from '../cluster.ts'
import { HOST_LINK_LOCAL, HOST_MAC, POD_GATEWAY, type WorkloadEndpoint } from '../cni.ts'
import { type CniConfig, cniConfigOf } from '../cni-config.ts'
import { workloadEndpointName } from '../names.ts'
import { hostEndSysctls } from './pod-device.ts'

/** One thing that happens when a pod is wired or unwired. */
export interface CniStep {
  /** Who does it. */
  readonly who: 'runtime' | 'calico' | 'calico-ipam' | 'felix'
  /** What happens. */
  readonly what: string
  /** What a person would type to do it, or to look at it. */
  readonly commands: readonly string[]
}

/** What is the same in all steps. */
interface Wiring {
  readonly endpoint: WorkloadEndpoint
  readonly network: string
  /** `ip` in the pod's network namespace. */
  readonly inPod: string
  readonly four: readonly Ip[]
  readonly six: readonly Ip[]
  readonly forwards: boolean
}

const CONTAINER = 'CONTAINER'

function wiringOf({ resources }: Cluster, endpoint: WorkloadEndpoint): Wiring {
  const config = cniConfigOf(resources.configMaps.find(({ metadata }) => metadata.name === 'calico-config'))
  const own = config === 'fault' ? undefined : config?.plugins.find(({ type }) => type === 'calico')
  const settings = own?.['container_settings'] as Readonly<Record<string, unknown>> | undefined
  const ofOperator = resources.installations.some((one) => one.spec.calicoNetwork?.containerIPForwarding === 'Enabled')
  const { addresses } = endpoint
  return {
    endpoint,
    network: nameOf(config),
    inPod: `ip -n ${CONTAINER}`,
    four: addresses.filter(isIpv4),
    six: addresses.filter((address) => familyOf(address) === 6),
    forwards: ofOperator || settings?.['allow_ip_forwarding'] === true,
  }
}

function nameOf(config: CniConfig | 'fault' | undefined): string {
  return (config === 'fault' ? undefined : config?.name) ?? 'k8s-pod-network'
}

/**
 * How a pod of a cluster is wired, step by step. CONTAINER stands for the id of its container, and the network namespace
 * of that name.
 *
 * @calico cni-plugin/pkg/k8s/k8s.go, cni-plugin/pkg/dataplane/linux/dataplane_linux.go
 */
export function addSteps(cluster: Cluster, endpoint: WorkloadEndpoint): CniStep[] {
  const wiring = wiringOf(cluster, endpoint)
  return [
    ...asked(wiring),
    addressed(wiring),
    ...wired(wiring),
    ...routed(wiring),
    ...told(wiring),
    {
      who: 'felix',
      what: 'writes chains, sets and its own routes; until then what the pod sends is dropped at the end of the dispatch',
      commands: [`iptables-save | grep ${endpoint.interfaceName}`],
    },
  ]
}

function asked({ endpoint, network }: Wiring): CniStep[] {
  const { namespace, pod } = endpoint
  return [
    {
      who: 'runtime',
      what: `makes a network namespace and calls the plugins of network ${network}`,
      commands: [`ip netns add ${CONTAINER}`, 'cat /etc/cni/net.d/10-calico.conflist'],
    },
    {
      who: 'calico',
      what: 'reads the name of the node, and whether Calico is ready',
      commands: [
        'cat /var/lib/calico/nodename',
        'kubectl get clusterinformations.crd.projectcalico.org default -o jsonpath={.spec.datastoreReady}',
      ],
    },
    {
      who: 'calico',
      what: 'reads annotations of namespace and pod',
      commands: [
        `kubectl get namespace ${namespace} -o yaml`,
        `kubectl get pod -n ${namespace} ${pod.metadata.name} -o yaml`,
      ],
    },
  ]
}

function addressed({ endpoint, network }: Wiring): CniStep {
  const { addresses, node } = endpoint
  return {
    who: 'calico-ipam',
    what: `assigns ${addresses.join(' and ')} on ${node}, handle ${network}.${CONTAINER}`,
    commands: addresses.map((address) => `calicoctl ipam show --ip=${address}`),
  }
}

function wired({ endpoint, inPod, six }: Wiring): CniStep[] {
  const { interfaceName: dev, mtu, mac, addresses, pod } = endpoint
  const asksMac = pod.metadata.annotations?.['cni.projectcalico.org/hwAddr'] !== undefined
  const sysctls = Object.entries(hostEndSysctls(dev, addresses))
  return [
    {
      who: 'calico',
      what: `makes the veth ${dev} and eth0 with MTU ${mtu}; one of that name that is there goes first`,
      commands: [
        `ip link del ${dev}`,
        `ip link add ${dev} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${CONTAINER}`,
        `ip link set ${dev} address ${HOST_MAC}`,
      ],
    },
    {
      who: 'calico',
      what: 'sets what the host end must do: answer ARP for the gateway, forward, take no router’s word',
      commands: [
        ...(six.length > 0 ? [`ip netns exec ${CONTAINER} sysctl -w net.ipv6.conf.eth0.accept_dad=0`] : []),
        ...sysctls.map(([name, value]) => `sysctl -w ${name}=${value}`),
      ],
    },
    {
      who: 'calico',
      what: `brings both ends up; eth0 has ${mac}${asksMac ? ', as the pod asks' : ', which the kernel drew'}`,
      commands: [
        `ip link set ${dev} up`,
        `${inPod} link set eth0 up`,
        ...(asksMac ? [`${inPod} link set eth0 address ${mac}`] : []),
      ],
    },
  ]
}

function routed({ endpoint, inPod, four, six, forwards }: Wiring): CniStep[] {
  const dev = endpoint.interfaceName
  const forward = forwards ? '1' : '0'
  const inside = `ip netns exec ${CONTAINER} sysctl -w`
  return [
    {
      who: 'calico',
      what: 'gives the pod its routes, before its addresses: so they carry no source',
      commands: [
        ...(four.length > 0
          ? [
              `${inPod} route add ${POD_GATEWAY} dev eth0 scope link`,
              `${inPod} route add default via ${POD_GATEWAY} dev eth0`,
            ]
          : []),
        ...(six.length > 0
          ? [
              ...['all', 'default', 'lo'].map((name) => `${inside} net.ipv6.conf.${name}.disable_ipv6=0`),
              `${inPod} -6 route add default via ${HOST_LINK_LOCAL} dev eth0`,
            ]
          : []),
      ],
    },
    {
      who: 'calico',
      what: `gives the pod its addresses; it ${forwards ? 'forwards' : 'does not forward'} packets`,
      commands: [
        ...endpoint.addresses.map((address) => `${inPod} addr add ${hostPrefix(address)} dev eth0`),
        ...(four.length > 0 ? [`${inside} net.ipv4.ip_forward=${forward}`] : []),
        ...(six.length > 0 ? [`${inside} net.ipv6.conf.all.forwarding=${forward}`] : []),
      ],
    },
    {
      who: 'calico',
      what: 'leads the host to the pod',
      commands: [
        ...four.map((address) => `ip route add ${address} dev ${dev} scope link`),
        ...six.map((address) => `ip -6 route add ${address} dev ${dev}`),
      ],
    },
  ]
}

function told({ endpoint }: Wiring): CniStep[] {
  const { namespace, pod, node, addresses } = endpoint
  const networks = addresses.map(hostPrefix)
  const annotations = [
    `cni.projectcalico.org/containerID=${CONTAINER}`,
    `cni.projectcalico.org/podIP=${networks[0] ?? ''}`,
    `cni.projectcalico.org/podIPs=${networks.join(',')}`,
  ]
  return [
    {
      who: 'calico',
      what: `writes the endpoint ${workloadEndpointName(node, pod.metadata.name)}: in the Kubernetes datastore, annotations of the pod`,
      commands: [`kubectl annotate pod -n ${namespace} ${pod.metadata.name} --overwrite ${annotations.join(' ')}`],
    },
  ]
}

/** How a pod of a cluster is unwired, step by step. @calico cni-plugin/pkg/k8s/k8s.go CmdDelK8s */
export function delSteps(cluster: Cluster, endpoint: WorkloadEndpoint): CniStep[] {
  const { network, inPod } = wiringOf(cluster, endpoint)
  const { namespace, pod, addresses } = endpoint
  const names = ['podIP', 'podIPs'].map((name) => `cni.projectcalico.org/${name}=`)
  return [
    {
      who: 'calico',
      what: 'empties the annotations, when they are of this container: Felix drops routes and sets, though the pod is there',
      commands: [`kubectl annotate pod -n ${namespace} ${pod.metadata.name} --overwrite ${names.join(' ')}`],
    },
    {
      who: 'calico',
      what: 'deletes the veth; the kernel takes the host’s routes to the pod with it',
      commands: [`${inPod} link del eth0`],
    },
    {
      who: 'calico-ipam',
      what: `gives back what handle ${network}.${CONTAINER} has`,
      commands: addresses.map((address) => `calicoctl ipam release --ip=${address}`),
    },
    { who: 'runtime', what: 'deletes the network namespace', commands: [`ip netns del ${CONTAINER}`] },
  ]
}
