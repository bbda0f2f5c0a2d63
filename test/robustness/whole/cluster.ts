/** A small cluster that has one of every kind of object packetwalk reads. */
export const CLUSTER: readonly object[] = [
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPPool',
    metadata: { name: 'pool' },
    spec: { cidr: '10.8.0.0/16', blockSize: 26, ipipMode: 'CrossSubnet', natOutgoing: true, nodeSelector: 'all()' },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPPool',
    metadata: { name: 'pool6' },
    spec: { cidr: 'fd00:8::/48', vxlanMode: 'Always' },
  },
  ...['w1', 'w2'].map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { zone: 'a' },
      annotations: {
        'projectcalico.org/IPv4Address': `172.20.${i}.1/24`,
        'projectcalico.org/IPv6Address': `fd00::${i + 1}/64`,
        'projectcalico.org/IPv4IPIPTunnelAddr': `10.8.${i}.1`,
      },
    },
    spec: { podCIDR: `10.8.${i}.0/24` },
    status: { addresses: [{ type: 'InternalIP', address: `172.20.${i}.1` }] },
  })),
  ...['a', 'b', 'c'].map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      labels: { app: name },
      creationTimestamp: `2024-01-0${i + 1}T00:00:00Z`,
      annotations: { 'cni.projectcalico.org/podIP': `10.8.${i % 2}.${i + 5}/32` },
    },
    spec: { nodeName: `w${(i % 2) + 1}`, containers: [{ name: 'm', image: 'x', ports: [{ containerPort: 80 }] }] },
    status: { phase: 'Running', podIP: `10.8.${i % 2}.${i + 5}` },
  })),
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'BlockAffinity',
    metadata: { name: 'w1-10-8-0-0-26' },
    spec: { cidr: '10.8.0.0/26', node: 'w1', state: 'confirmed', deleted: 'false' },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPAMBlock',
    metadata: { name: '10-8-0-0-26' },
    spec: {
      cidr: '10.8.0.0/26',
      affinity: 'host:w1',
      allocations: [0, ...new Array<null>(63).fill(null)],
      attributes: [{ handle_id: 'x', secondary: { namespace: 'shop', node: 'w1', pod: 'a' } }],
      unallocated: Array.from({ length: 63 }, (_, i) => i + 1),
      strictAffinity: false,
    },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'FelixConfiguration',
    metadata: { name: 'default' },
    spec: {
      ipipEnabled: true,
      ipipMTU: 1440,
      wireguardEnabled: false,
      natPortRange: '32768:65535',
      logSeverityScreen: 'Info',
    },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'BGPConfiguration',
    metadata: { name: 'default' },
    spec: { asNumber: 64512, nodeToNodeMeshEnabled: true, serviceClusterIPs: [{ cidr: '10.96.0.0/12' }] },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'BGPPeer',
    metadata: { name: 'tor' },
    spec: { peerIP: '172.20.0.254', asNumber: 65001, nodeSelector: "zone == 'a'" },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      clusterIP: '10.96.0.7',
      selector: { app: 'a' },
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 }],
    },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.8.0.5'], nodeName: 'w1', conditions: { ready: true } }],
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'only', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { app: 'b' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x'] }] },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            { podSelector: { matchLabels: { app: 'a' } } },
            { ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } },
          ],
          ports: [{ port: 80, protocol: 'TCP' }],
        },
      ],
      egress: [{}],
    },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'deny' },
    spec: {
      order: 10,
      selector: "app == 'c' && has(zone)",
      types: ['Ingress'],
      ingress: [
        {
          action: 'Deny',
          protocol: 'TCP',
          source: { nets: ['10.8.0.0/26'], selector: 'all()' },
          destination: { ports: [80, '1000:2000'] },
        },
      ],
    },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'HostEndpoint',
    metadata: { name: 'w1-ens3', labels: { host: 'w1' } },
    spec: { node: 'w1', interfaceName: '*', expectedIPs: ['172.20.0.1'] },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'calico-config', namespace: 'kube-system' },
    data: { calico_backend: 'bird', veth_mtu: '0' },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'calico-node', namespace: 'kube-system' },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'calico-node',
              image: 'docker.io/calico/node:v3.27.0',
              env: [
                { name: 'CALICO_IPV4POOL_CIDR', value: '10.8.0.0/16' },
                { name: 'CALICO_IPV4POOL_IPIP', value: 'Always' },
                { name: 'IP_AUTODETECTION_METHOD', value: 'interface=ens.*' },
                { name: 'FELIX_IPINIPMTU', valueFrom: { configMapKeyRef: { name: 'calico-config', key: 'veth_mtu' } } },
              ],
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', namespace: 'shop' },
    spec: { selector: { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } },
  },
  {
    apiVersion: 'packetwalk/v1',
    kind: 'Underlay',
    metadata: { name: 'wires' },
    spec: {
      segments: [
        { name: 'rack1', cidr: '172.20.0.0/24', gateway: '172.20.0.254', mtu: 1500 },
        { name: 'rack2', cidr: '172.20.1.0/24', gateway: '172.20.1.254' },
      ],
      nodes: [
        { name: 'w1', interfaces: [{ name: 'ens3', segment: 'rack1', address: '172.20.0.1/24' }] },
        { name: 'w2', interfaces: [{ name: 'ens3', segment: 'rack2', address: '172.20.1.1/24' }] },
      ],
    },
  },
]
