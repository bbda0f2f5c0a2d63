const CALICO = [
  ...['IPv4Address', 'IPv6Address', 'ASNumber', 'RouteReflectorClusterID', 'IPv4IPIPTunnelAddr'],
  ...['IPv4VXLANTunnelAddr', 'IPv6VXLANTunnelAddr', 'VXLANTunnelMACAddr', 'VXLANTunnelMACAddrV6'],
  ...[
    'IPv4WireguardInterfaceAddr',
    'IPv6WireguardInterfaceAddr',
    'WireguardPublicKey',
    'WireguardPublicKeyV6',
    'labels',
  ],
]
const CNI = [
  ...['podIP', 'podIPs', 'ipAddrs', 'ipv4pools', 'ipv6pools', 'ipFamilies', 'hwAddr'],
  ...['ipAddrsNoIpam', 'floatingIPs', 'allowedSourcePrefixes'],
]
const QOS = (['ingress', 'egress'] as const).flatMap((way) =>
  ['Bandwidth', 'PacketRate', 'PacketBurst', 'MaxConnections'].map((what) => `${way}${what}`),
)
const READ: ReadonlySet<string> = new Set([
  ...CALICO.map((name) => `projectcalico.org/${name}`),
  // What lint is not to say of an object.
  'packetwalk/lint-ignore',
  // K3s tells by it that flannel wires its pods.
  'flannel.alpha.coreos.com/backend-type',
  // Of Services: what kube-proxy heeds.
  'service.kubernetes.io/topology-mode',
  'service.kubernetes.io/topology-aware-hints',
  'service.beta.kubernetes.io/load-balancer-source-ranges',
  // And which addresses Calico gives them.
  'projectcalico.org/loadBalancerIPs',
  'projectcalico.org/ipv4pools',
  'projectcalico.org/ipv6pools',
  // Of Endpoints: that they are not all.
  'endpoints.kubernetes.io/over-capacity',
  // Of pods and what makes them: which goes first, which revision it is, when somebody asked for new pods.
  'controller.kubernetes.io/pod-deletion-cost',
  'deployment.kubernetes.io/revision',
  'kubectl.kubernetes.io/restartedAt',
  'kubernetes.io/ingress-bandwidth',
  'kubernetes.io/egress-bandwidth',
  ...QOS.map((name) => `qos.projectcalico.org/${name}`),
  ...CNI.map((name) => `cni.projectcalico.org/${name}`),
])

/** Whether an annotation is read, or named because it is not modelled. The others may hold whole manifests and are not kept. */
export function isReadAnnotation(name: string): boolean {
  return READ.has(name)
}
