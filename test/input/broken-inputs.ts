// Broken inputs: a change to examples/demo/ipip.yaml, an object put before it, or a text of its own; and every line of the
// error it must give.

/** One broken input. */
export interface BrokenInput {
  /** What is wrong. */
  readonly name: string
  /** A text of the demo, first occurrence, and what stands there instead. */
  readonly replace?: readonly [string, string]
  /** A document put before the demo. */
  readonly add?: string
  /** The whole text. */
  readonly text?: string
  /** The error, a line an issue. */
  readonly want: readonly string[]
}

/** The table. */
export const BROKEN: readonly BrokenInput[] = [
  {
    name: 'tab',
    replace: ['    name: demo', '\tname: demo'],
    want: ['c.yaml:146:1: expected spaces for indentation, not tabs, received Tabs are not allowed as indentation'],
  },
  {
    name: 'quote',
    replace: ['veth_mtu: "1440"', 'veth_mtu: "1440'],
    want: ['c.yaml:41:20: expected a closing quote, bracket or brace, or a colon, received Missing closing "quote'],
  },
  {
    name: 'bracket',
    replace: ['nodeSelector: all()', 'nodeSelector: [all'],
    want: [
      'c.yaml:67:1: expected consistent indentation, received Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  },
  {
    name: 'dup key',
    replace: ['blockSize: 26', 'blockSize: 26\n    blockSize: 27'],
    want: ['c.yaml:63:5: expected each key once in a map, received Map keys must be unique'],
  },
  {
    name: 'indent',
    replace: ['    blockSize: 26', '   blockSize: 26'],
    want: ['c.yaml:62:1: expected consistent indentation, received All mapping items must start at the same column'],
  },
  {
    name: 'alias',
    replace: ['nodeSelector: all()', 'nodeSelector: *x'],
    want: [
      'c.yaml:1:1: expected aliases that resolve, and at most 1000 of them, received Unresolved alias (the anchor must be set before the alias)',
    ],
  },
  {
    name: 'mode case',
    replace: ['ipipMode: Always', 'ipipMode: always'],
    want: [
      'c.yaml:63:15: IPPool/default-ipv4-ippool spec.ipipMode: expected one of Never, Always, CrossSubnet (did you mean Always?), received "always"',
    ],
  },
  {
    name: 'mode unknown',
    replace: ['ipipMode: Always', 'ipipMode: Sometimes'],
    want: [
      'c.yaml:63:15: IPPool/default-ipv4-ippool spec.ipipMode: expected one of Never, Always, CrossSubnet, received "Sometimes"',
    ],
  },
  {
    name: 'natOut',
    replace: ['natOutgoing: true', 'natOutgoing: yes'],
    want: ['c.yaml:65:18: IPPool/default-ipv4-ippool spec.natOutgoing: expected true or false, received "yes"'],
  },
  {
    name: 'natOut2',
    replace: ['natOutgoing: true', 'natOutgoing: 1'],
    want: ['c.yaml:65:18: IPPool/default-ipv4-ippool spec.natOutgoing: expected true or false, received 1'],
  },
  {
    name: 'bs str',
    replace: ['blockSize: 26', 'blockSize: "26"'],
    want: [
      'c.yaml:62:16: IPPool/default-ipv4-ippool spec.blockSize: expected a block size: a whole number from 1 to 128, received "26"',
    ],
  },
  {
    name: 'bs 19',
    replace: ['blockSize: 26', 'blockSize: 19'],
    want: [
      'c.yaml:62:16: IPPool/default-ipv4-ippool spec.blockSize: expected a prefix length from 20 to 32, received 19',
    ],
  },
  {
    name: 'bs 33',
    replace: ['blockSize: 26', 'blockSize: 33'],
    want: [
      'c.yaml:62:16: IPPool/default-ipv4-ippool spec.blockSize: expected a prefix length from 20 to 32, received 33',
    ],
  },
  {
    name: 'bs 26.5',
    replace: ['blockSize: 26', 'blockSize: 26.5'],
    want: [
      'c.yaml:62:16: IPPool/default-ipv4-ippool spec.blockSize: expected a block size: a whole number from 1 to 128, received 26.5',
    ],
  },
  {
    name: 'cidr mask',
    replace: ['cidr: 192.168.0.0/16', 'cidr: 192.168.0.0'],
    want: [
      'c.yaml:61:11: IPPool/default-ipv4-ippool spec.cidr: expected a CIDR with its mask length, e.g. 192.168.0.0/16, received "192.168.0.0"',
    ],
  },
  {
    name: 'cidr host',
    replace: ['cidr: 192.168.0.0/16', 'cidr: 192.168.0.1/16'],
    want: [
      'c.yaml:61:11: IPPool/default-ipv4-ippool spec.cidr: expected a CIDR, e.g. 192.168.0.0/16 (host bits are set: the network is 192.168.0.0/16), received "192.168.0.1/16"',
    ],
  },
  {
    name: 'cidr 33',
    replace: ['cidr: 192.168.0.0/16', 'cidr: 192.168.0.0/33'],
    want: [
      'c.yaml:61:11: IPPool/default-ipv4-ippool spec.cidr: expected a CIDR, e.g. 192.168.0.0/16 (a prefix length is at most 32), received "192.168.0.0/33"',
    ],
  },
  {
    name: 'cidr num',
    replace: ['cidr: 192.168.0.0/16', 'cidr: 5'],
    want: ['c.yaml:61:11: IPPool/default-ipv4-ippool spec.cidr: expected a CIDR, received 5'],
  },
  {
    name: 'cidr missing',
    replace: ['    cidr: 192.168.0.0/16\n', ''],
    want: ['c.yaml:61:5: IPPool/default-ipv4-ippool spec.cidr: expected the field "cidr", received nothing'],
  },
  {
    name: 'cidr octet',
    replace: ['cidr: 192.168.0.0/16', 'cidr: 192.168.0.256/32'],
    want: [
      'c.yaml:61:11: IPPool/default-ipv4-ippool spec.cidr: expected a CIDR, e.g. 192.168.0.0/16 (an octet is at most 255), received "192.168.0.256/32"',
    ],
  },
  {
    name: 'selector',
    replace: ['nodeSelector: all()', 'nodeSelector: all('],
    want: [
      'c.yaml:66:19: IPPool/default-ipv4-ippool spec.nodeSelector: expected a selector (at 4: ")"), received all(',
    ],
  },
  {
    name: 'sel num',
    replace: ['nodeSelector: all()', 'nodeSelector: 5'],
    want: ['c.yaml:66:19: IPPool/default-ipv4-ippool spec.nodeSelector: expected text, received 5'],
  },
  {
    name: 'both',
    replace: ['vxlanMode: Never', 'vxlanMode: Always'],
    want: [
      'c.yaml:64:16: IPPool/default-ipv4-ippool spec.vxlanMode: expected at most one of ipipMode and vxlanMode other than Never, received Always and Always',
    ],
  },
  {
    name: 'nodeName num',
    replace: ['nodeName: node01', 'nodeName: 5'],
    want: ['c.yaml:91:15: Pod/kube-system/coredns-66bff467f8-g5gjb spec.nodeName: expected a name, received 5'],
  },
  {
    name: 'unknown node',
    replace: ['nodeName: node01', 'nodeName: node1'],
    want: [
      'c.yaml:91:15: Pod/kube-system/coredns-66bff467f8-g5gjb spec.nodeName: expected one of the nodes controlplane, node01, received node1',
    ],
  },
  {
    name: 'phase',
    replace: ['phase: Running', 'phase: running'],
    want: [
      'c.yaml:81:12: Pod/kube-system/coredns-66bff467f8-52tkd status.phase: expected one of Pending, Running, Succeeded, Failed, Unknown (did you mean Running?), received "running"',
    ],
  },
  {
    name: 'mtu cm',
    replace: ['veth_mtu: "1440"', 'veth_mtu: 1440'],
    want: [
      'c.yaml:41:15: ConfigMap/kube-system/calico-config data.veth_mtu: expected text (put it in quotes), received 1440',
    ],
  },
  {
    name: 'mtu cm2',
    replace: ['veth_mtu: "1440"', 'veth_mtu: lots'],
    want: [
      'c.yaml:41:15: ConfigMap/kube-system/calico-config data.veth_mtu: expected an MTU, 0 for automatic: a whole number from 0 to 65535, received lots',
    ],
  },
  {
    name: 'backend',
    replace: ['calico_backend: bird', 'calico_backend: Bird'],
    want: [
      'c.yaml:40:21: ConfigMap/kube-system/calico-config data.calico_backend: expected bird, vxlan or none, received Bird',
    ],
  },
  {
    name: 'addr',
    replace: ['address: 172.17.0.40\n', 'address: 172.17.0.400\n'],
    want: [
      'c.yaml:27:16: Node/node01 status.addresses.0.address: expected an IP address, as the type says, received "172.17.0.400"',
    ],
  },
  {
    name: 'addr type',
    replace: ['- address: 172.17.0.40\n      type: InternalIP', '- address: 172.17.0.40'],
    want: ['c.yaml:27:7: Node/node01 status.addresses.0.type: expected the field "type", received nothing'],
  },
  {
    name: 'no addr',
    replace: [
      'status:\n    addresses:\n    - address: 172.17.0.40\n      type: InternalIP\n    - address: node01\n      type: Hostname\n    nodeInfo:\n      kubeletVersion: v1.18.0\n',
      '',
    ],
    want: [
      'c.yaml:25:1: expected a nested map on a line of its own, indented, received A block sequence may not be used as an implicit map key',
    ],
  },
  {
    name: 'pod spec list',
    replace: ['spec:\n    nodeName: controlplane\n    containers:\n    - name: main\n      image: busybox', 'spec: []'],
    want: ['c.yaml:75:9: Pod/kube-system/coredns-66bff467f8-52tkd spec: expected a map, received a list of 0'],
  },
  {
    name: 'pod no spec',
    replace: ['  spec:\n    nodeName: controlplane\n    containers:\n    - name: main\n      image: busybox\n', ''],
    want: ['c.yaml:67:3: Pod/kube-system/coredns-66bff467f8-52tkd spec: expected the field "spec", received nothing'],
  },
  {
    name: 'containers map',
    replace: ['containers:\n    - name: main\n      image: busybox', 'containers: main'],
    want: ['c.yaml:77:17: Pod/kube-system/coredns-66bff467f8-52tkd spec.containers: expected a list, received "main"'],
  },
  {
    name: 'name missing',
    replace: ['name: default-ipv4-ippool', 'label: x'],
    want: ['c.yaml:59:5: IPPool metadata.name: expected the field "name", received nothing'],
  },
  {
    name: 'name empty',
    replace: ['name: default-ipv4-ippool', 'name: ""'],
    want: ['c.yaml:59:11: IPPool/ metadata.name: expected a name, received ""'],
  },
  {
    name: 'name num',
    replace: ['name: default-ipv4-ippool', 'name: 5'],
    want: ['c.yaml:59:11: IPPool metadata.name: expected a name, received 5'],
  },
  {
    name: 'labels num',
    replace: ['k8s-app: kube-dns', 'k8s-app: 5'],
    want: [
      'c.yaml:74:16: Pod/kube-system/coredns-66bff467f8-52tkd metadata.labels.k8s-app: expected text (put it in quotes), received 5',
    ],
  },
  {
    name: 'labels list',
    replace: ['labels:\n      k8s-app: kube-dns', 'labels: [a]'],
    want: [
      'c.yaml:73:13: Pod/kube-system/coredns-66bff467f8-52tkd metadata.labels: expected a map, received a list of 1',
    ],
  },
  {
    name: 'no kind',
    replace: ['kind: IPPool', 'kin: IPPool'],
    want: ['c.yaml:56:3: items.4.kind: expected a kind, e.g. Pod, received nothing'],
  },
  {
    name: 'no api',
    replace: ['apiVersion: projectcalico.org/v3', 'api: x'],
    want: ['c.yaml:56:3: items.4.apiVersion: expected an apiVersion for this IPPool, e.g. v1, received nothing'],
  },
  {
    name: 'items',
    replace: ['items:\n- apiVersion: v1\n  kind: Node', 'items:\n- just text\n- apiVersion: v1\n  kind: Node'],
    want: ['c.yaml:4:3: items.0: expected a Kubernetes or Calico object, received a text of 9 characters'],
  },
  {
    name: 'image num',
    replace: ['image: calico/node:v3.16.3', 'image: 3'],
    want: [
      'c.yaml:52:18: DaemonSet/kube-system/calico-node spec.template.spec.containers.0.image: expected text, received 3',
    ],
  },
  {
    name: 'env',
    replace: ['value: autodetect', 'value: true'],
    want: [
      'c.yaml:55:20: DaemonSet/kube-system/calico-node spec.template.spec.containers.0.env.0.value: expected text (put it in quotes), received a boolean',
    ],
  },
  {
    name: 'u kind',
    replace: ['kind: Underlay', 'kind: Underlai'],
    want: ['c.yaml:144:9: Underlai/demo kind: expected one of Underlay, received "Underlai"'],
  },
  {
    name: 'u unknown',
    replace: ['gateway: 172.17.0.1', 'gatway: 172.17.0.1'],
    want: [
      'c.yaml:151:15: Underlay/demo spec.segments.0.gatway: expected a segment: name, cidr (cidrs), gateway (gateways), mtu, isolated, sourceCheck, filters, received the field "gatway"',
    ],
  },
  {
    name: 'u gateway',
    replace: ['gateway: 172.17.0.1', 'gateway: 172.18.0.1'],
    want: [
      'c.yaml:151:16: Underlay/demo spec.segments.0.gateway: expected an address inside 172.17.0.0/16, received 172.18.0.1',
    ],
  },
  {
    name: 'u gateway2',
    replace: ['gateway: 172.17.0.1', 'gateway: 172.17.0.1/16'],
    want: [
      'c.yaml:151:16: Underlay/demo spec.segments.0.gateway: expected an IP address, e.g. 10.0.0.1 (expected a digit or a dot, not "/"), received "172.17.0.1/16"',
    ],
  },
  {
    name: 'u seg',
    replace: ['segment: lan\n', 'segment: wan\n'],
    want: [
      'c.yaml:156:18: Underlay/demo spec.nodes.0.interfaces.0.segment: expected one of the segments lan, received wan',
    ],
  },
  {
    name: 'u addr nomask',
    replace: ['address: 172.17.0.40/16', 'address: 172.17.0.40'],
    want: [
      'c.yaml:165:18: Underlay/demo spec.nodes.1.interfaces.0.address: expected an address with its prefix length, e.g. 172.17.0.40/16, received "172.17.0.40"',
    ],
  },
  {
    name: 'u addr outside',
    replace: ['address: 172.17.0.40/16', 'address: 172.19.0.40/16'],
    want: [
      'c.yaml:165:18: Underlay/demo spec.nodes.1.interfaces.0.address: expected an address inside 172.17.0.0/16, the range of segment lan, received 172.19.0.40/16',
    ],
  },
  {
    name: 'u addr dup',
    replace: ['address: 172.17.0.40/16', 'address: 172.17.0.32/16'],
    want: [
      'c.yaml:153:5: Underlay/demo spec.nodes: expected an address nobody else has on lan, received 172.17.0.32 of node01, also of controlplane',
      'c.yaml:27:5: Node/node01 status.addresses: expected an address no other node has, received 172.17.0.32, also of controlplane',
    ],
  },
  {
    name: 'u ifkind',
    replace: ['kind: bridge', 'kind: bond'],
    want: [
      'c.yaml:159:15: Underlay/demo spec.nodes.0.interfaces.1.kind: expected one of ethernet, bridge, dummy, received "bond"',
    ],
  },
  {
    name: 'u ifname',
    replace: ['name: docker0', 'name: averyveryverylongname'],
    want: [
      'c.yaml:158:15: Underlay/demo spec.nodes.0.interfaces.1.name: expected an interface name of 1 to 15 bytes without blanks, slashes and colons, e.g. eth0, received "averyveryverylongname"',
    ],
  },
  {
    name: 'u ifname2',
    replace: ['name: docker0', 'name: ens3'],
    want: [
      'c.yaml:158:15: Underlay/demo spec.nodes.0.interfaces.1.name: expected an interface name of its own, at most 15 characters, received ens3',
    ],
  },
  {
    name: 'u ifname3',
    replace: ['name: docker0', 'name: lo'],
    want: [
      'c.yaml:159:15: Underlay/demo spec.nodes.0.interfaces.1.kind: expected no kind: lo is the loopback device, received bridge',
    ],
  },
  {
    name: 'u mac',
    replace: ['address: 172.17.0.40/16', 'address: 172.17.0.40/16\n        mac: 02:42:ac'],
    want: [
      'c.yaml:166:14: Underlay/demo spec.nodes.1.interfaces.0.mac: expected an Ethernet address, e.g. 02:42:ac:11:00:28, received "02:42:ac"',
    ],
  },
  {
    name: 'u mac mc',
    replace: ['address: 172.17.0.40/16', 'address: 172.17.0.40/16\n        mac: 03:42:ac:11:00:28'],
    want: [
      'c.yaml:166:14: Underlay/demo spec.nodes.1.interfaces.0.mac: expected a hardware address of one station (the lowest bit of its first byte is 0), received 03:42:ac:11:00:28',
    ],
  },
  {
    name: 'u mtu',
    replace: ['gateway: 172.17.0.1', 'gateway: 172.17.0.1\n      mtu: 60'],
    want: [
      'c.yaml:152:12: Underlay/demo spec.segments.0.mtu: expected an MTU: a whole number from 68 to 65535, received 60',
    ],
  },
  {
    name: 'u mtu2',
    replace: ['gateway: 172.17.0.1', 'gateway: 172.17.0.1\n      mtu: "1500"'],
    want: [
      'c.yaml:152:12: Underlay/demo spec.segments.0.mtu: expected an MTU: a whole number from 68 to 65535, received "1500"',
    ],
  },
  {
    name: 'u ifmtu',
    replace: ['address: 172.17.0.40/16', 'address: 172.17.0.40/16\n        mtu: 70000'],
    want: [
      'c.yaml:166:14: Underlay/demo spec.nodes.1.interfaces.0.mtu: expected an MTU: a whole number from 68 to 65535, received 70000',
    ],
  },
  {
    name: 'u node miss',
    replace: ['- name: node01\n      interfaces', '- name: node02\n      interfaces'],
    want: [
      'c.yaml:22:11: Node/node01 metadata.name: expected an entry of Underlay/demo spec.nodes with this name, received node01',
      'c.yaml:27:5: Node/node01 status.addresses: expected an InternalIP, a projectcalico.org/IPv4Address annotation or an interface with an address, received none',
    ],
  },
  {
    name: 'u node dup',
    replace: ['- name: node01\n      interfaces', '- name: controlplane\n      interfaces'],
    want: [
      'c.yaml:161:13: Underlay/demo spec.nodes.1.name: expected a name of its own, received controlplane',
      'c.yaml:22:11: Node/node01 metadata.name: expected an entry of Underlay/demo spec.nodes with this name, received node01',
      'c.yaml:27:5: Node/node01 status.addresses: expected an InternalIP, a projectcalico.org/IPv4Address annotation or an interface with an address, received none',
    ],
  },
  {
    name: 'u segs dup',
    replace: ['segments:\n    - name: lan', 'segments:\n    - name: lan\n      cidr: 10.9.0.0/16\n    - name: lan'],
    want: ['c.yaml:151:13: Underlay/demo spec.segments.1.name: expected a name of its own, received lan'],
  },
  {
    name: 'u overlapping',
    replace: ['cidr: 172.17.0.0/16', 'cidrs: [172.17.0.0/16, 172.17.128.0/17]'],
    want: [
      'c.yaml:150:30: Underlay/demo spec.segments.0.cidrs.1: expected a range apart from 172.17.0.0/16, received 172.17.128.0/17',
    ],
  },
  {
    name: 'u nosegs',
    replace: ['segments:\n    - name: lan\n      cidr: 172.17.0.0/16\n      gateway: 172.17.0.1\n    nodes:', 'nodes:'],
    want: ['c.yaml:148:5: Underlay/demo spec.segments: expected the field "segments", received nothing'],
  },
  {
    name: 'u pool overlap',
    replace: ['cidr: 172.17.0.0/16', 'cidr: 192.168.0.0/16'],
    want: [
      'c.yaml:151:16: Underlay/demo spec.segments.0.gateway: expected an address inside 192.168.0.0/16, received 172.17.0.1',
      'c.yaml:157:18: Underlay/demo spec.nodes.0.interfaces.0.address: expected an address inside 192.168.0.0/16, the range of segment lan, received 172.17.0.32/16',
      'c.yaml:165:18: Underlay/demo spec.nodes.1.interfaces.0.address: expected an address inside 192.168.0.0/16, the range of segment lan, received 172.17.0.40/16',
    ],
  },
  {
    name: 'u bridge seg',
    replace: ['kind: bridge', 'kind: bridge\n        segment: lan'],
    want: [
      'c.yaml:160:18: Underlay/demo spec.nodes.0.interfaces.1.segment: expected no segment: a bridge here has no ports, received lan',
    ],
  },
  {
    name: 'overlap',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 192.168.128.0/17}',
    want: [
      'c.yaml:67:11: IPPool/default-ipv4-ippool spec.cidr: expected a range apart from IPPool/a (192.168.128.0/17), received 192.168.0.0/16',
    ],
  },
  {
    name: 'v6 ipip',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: "fd00::/64", ipipMode: Always}',
    want: ['c.yaml:5:37: IPPool/a spec.ipipMode: expected Never: IPIP does not carry IPv6, received Always'],
  },
  {
    name: 'v6 bs',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: "fd00::/64", blockSize: 64}',
    want: ['c.yaml:5:38: IPPool/a spec.blockSize: expected a prefix length from 116 to 128, received 64'],
  },
  {
    name: 'v4 bs 122',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/16, blockSize: 122}',
    want: ['c.yaml:5:38: IPPool/a spec.blockSize: expected a prefix length from 20 to 32, received 122'],
  },
  {
    name: 'small',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/28}',
    want: [
      'c.yaml:5:14: IPPool/a spec.cidr: expected a pool at least as large as its blocks (/26), received 10.0.0.0/28',
    ],
  },
  {
    name: 'll',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 169.254.0.0/17}',
    want: ['c.yaml:5:14: IPPool/a spec.cidr: expected a range outside the link-local range, received 169.254.0.0/17'],
  },
  {
    name: 'uses',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/16, allowedUses: [Workloads]}',
    want: [
      'c.yaml:5:41: IPPool/a spec.allowedUses.0: expected one of Workload, Tunnel, LoadBalancer (did you mean Workload?), received "Workloads"',
    ],
  },
  {
    name: 'uses2',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/16, allowedUses: Workload}',
    want: ['c.yaml:5:40: IPPool/a spec.allowedUses: expected a list, received "Workload"'],
  },
  {
    name: 'lb',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/16, allowedUses: [LoadBalancer, Workload]}',
    want: ['c.yaml:5:40: IPPool/a spec.allowedUses: expected LoadBalancer alone, received LoadBalancer, Workload'],
  },
  {
    name: 'amode',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/16, assignmentMode: manual}',
    want: [
      'c.yaml:5:43: IPPool/a spec.assignmentMode: expected one of Automatic, Manual (did you mean Manual?), received "manual"',
    ],
  },
  {
    name: 'nospec',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}',
    want: ['c.yaml:2:1: IPPool/a spec: expected the field "spec", received nothing'],
  },
  {
    name: 'pod ip',
    add: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {nodeName: node01}\nstatus: {podIP: 192.168.0.300}',
    want: [
      'c.yaml:6:17: Pod/default/x status.podIP: expected an IP address, e.g. 10.0.0.1 (an octet is at most 255), received "192.168.0.300"',
    ],
  },
  {
    name: 'pod ips',
    add: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {nodeName: node01}\nstatus: {podIPs: [192.168.0.5]}',
    want: ['c.yaml:6:19: Pod/default/x status.podIPs.0: expected a map, received "192.168.0.5"'],
  },
  {
    name: 'pod ann',
    add: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x, annotations: {cni.projectcalico.org/ipAddrs: "10.0.0.5"}}\nspec: {nodeName: node01}',
    want: [
      'c.yaml:4:66: Pod/default/x metadata.annotations.cni.projectcalico.org/ipAddrs: expected a JSON list of addresses, received 10.0.0.5',
    ],
  },
  {
    name: 'pod ann2',
    add: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x, annotations: {cni.projectcalico.org/ipv4pools: \'["q"]\'}}\nspec: {nodeName: node01}',
    want: [
      'c.yaml:4:68: Pod/default/x metadata.annotations.cni.projectcalico.org/ipv4pools: expected an enabled IPv4 pool, received q',
      'c.yaml:4:18: Pod/default/x metadata.name: expected an enabled IPv4 pool for node node01, received none',
    ],
  },
  {
    name: 'pod host',
    add: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {nodeName: node01, hostNetwork: "true"}',
    want: ['c.yaml:5:39: Pod/default/x spec.hostNetwork: expected true or false, received "true"'],
  },
  {
    name: 'pod port',
    add: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {nodeName: node01, containers: [{ports: [{containerPort: 70000}]}]}',
    want: [
      'c.yaml:5:64: Pod/default/x spec.containers.0.ports.0.containerPort: expected a port: a whole number from 1 to 65535, received 70000',
    ],
  },
  {
    name: 'pod time',
    add: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x, creationTimestamp: yesterday}\nspec: {nodeName: node01}',
    want: [
      'c.yaml:4:40: Pod/default/x metadata.creationTimestamp: expected a time, e.g. "2020-10-13T00:24:20Z", received "yesterday"',
    ],
  },
  {
    name: 'as',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {asNumber: 0x}',
    want: [
      'c.yaml:5:18: BGPConfiguration/default spec.asNumber: expected an AS number, e.g. 64512 or "1.10", received "0x"',
    ],
  },
  {
    name: 'as2',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {asNumber: -1}',
    want: [
      'c.yaml:5:18: BGPConfiguration/default spec.asNumber: expected an AS number: a whole number from 0 to 4294967295, received -1',
    ],
  },
  {
    name: 'as3',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {asNumber: "64512.5.3"}',
    want: [
      'c.yaml:5:18: BGPConfiguration/default spec.asNumber: expected an AS number, e.g. 64512 or "1.10", received "64512.5.3"',
    ],
  },
  {
    name: 'as4',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {asNumber: 4294967296}',
    want: [
      'c.yaml:5:18: BGPConfiguration/default spec.asNumber: expected an AS number: a whole number from 0 to 4294967295, received 4294967296',
    ],
  },
  {
    name: 'mesh',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {nodeToNodeMeshEnabled: "no"}',
    want: ['c.yaml:5:31: BGPConfiguration/default spec.nodeToNodeMeshEnabled: expected true or false, received "no"'],
  },
  {
    name: 'port',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {listenPort: 0}',
    want: [
      'c.yaml:5:20: BGPConfiguration/default spec.listenPort: expected a port: a whole number from 1 to 65535, received 0',
    ],
  },
  {
    name: 'pcr',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {programClusterRoutes: enabled}',
    want: [
      'c.yaml:5:30: BGPConfiguration/default spec.programClusterRoutes: expected one of Disabled, EnabledIPIPOnly, EnabledNoEncapOnly, Enabled (did you mean Enabled?), received "enabled"',
    ],
  },
  {
    name: 'res',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPReservation\nmetadata: {name: r}\nspec: {reservedCIDRs: [10.0.0.300]}',
    want: ['c.yaml:5:24: IPReservation/r spec.reservedCIDRs.0: expected a CIDR or an address, received "10.0.0.300"'],
  },
  {
    name: 'res2',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPReservation\nmetadata: {name: r}\nspec: {reservedCIDRs: 10.0.0.0/8}',
    want: ['c.yaml:5:23: IPReservation/r spec.reservedCIDRs: expected a list, received "10.0.0.0/8"'],
  },
  {
    name: 'peer both',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: p}\nspec: {node: node01, nodeSelector: all(), peerIP: 172.17.0.32}',
    want: ['c.yaml:5:36: BGPPeer/p spec.nodeSelector: expected no nodeSelector beside node, received all()'],
  },
  {
    name: 'peer 2',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: p}\nspec: {peerIP: 172.17.0.32, peerSelector: all(), asNumber: 5}',
    want: ['c.yaml:5:43: BGPPeer/p spec.peerSelector: expected no peerSelector beside peerIP, received all()'],
  },
  {
    name: 'peer ip',
    add: 'apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: p}\nspec: {peerIP: 172.17.0, asNumber: 64512}',
    want: ['c.yaml:5:16: BGPPeer/p spec.peerIP: expected an address, with a port if need be, received 172.17.0'],
  },
  {
    name: 'felix mtu',
    add: 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {ipipMTU: many}',
    want: [
      'c.yaml:5:17: FelixConfiguration/default spec.ipipMTU: expected an MTU, 0 for automatic: a whole number from 0 to 65535, received "many"',
    ],
  },
  {
    name: 'felix wg',
    add: 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {wireguardEnabled: maybe}',
    want: ['c.yaml:5:26: FelixConfiguration/default spec.wireguardEnabled: expected true or false, received "maybe"'],
  },
  {
    name: 'felix vni',
    add: 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {vxlanVNI: 16777216}',
    want: [
      'c.yaml:5:18: FelixConfiguration/default spec.vxlanVNI: expected a VXLAN network identifier: a whole number from 0 to 16777215, received 16777216',
    ],
  },
  {
    name: 'felix port',
    add: 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {vxlanPort: 70000}',
    want: [
      'c.yaml:5:19: FelixConfiguration/default spec.vxlanPort: expected a port: a whole number from 1 to 65535, received 70000',
    ],
  },
  {
    name: 'felix list',
    add: 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: []',
    want: ['c.yaml:5:7: FelixConfiguration/default spec: expected a map, received a list of 0'],
  },
  {
    name: 'felix re',
    add: 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {mtuIfacePattern: "(("}',
    want: [
      'c.yaml:5:25: FelixConfiguration/default spec.mtuIfacePattern: expected a regular expression, received "(("',
    ],
  },
  {
    name: 'felix natex',
    add: 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {natOutgoingExclusions: All}',
    want: [
      'c.yaml:5:31: FelixConfiguration/default spec.natOutgoingExclusions: expected one of IPPoolsOnly, IPPoolsAndHostIPs, received "All"',
    ],
  },
  {
    name: 'ci',
    add: 'apiVersion: projectcalico.org/v3\nkind: ClusterInformation\nmetadata: {name: default}\nspec: {calicoVersion: three}',
    want: [
      'c.yaml:5:23: ClusterInformation/default spec.calicoVersion: expected a release, e.g. v3.29.1, received "three"',
    ],
  },
  {
    name: 'ci num',
    add: 'apiVersion: projectcalico.org/v3\nkind: ClusterInformation\nmetadata: {name: default}\nspec: {calicoVersion: 3.16}',
    want: [
      'c.yaml:5:23: ClusterInformation/default spec.calicoVersion: expected text (put it in quotes), received 3.16',
    ],
  },
  {
    name: 'ipamcfg',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPAMConfig\nmetadata: {name: default}\nspec: {autoAllocateBlocks: false}',
    want: [
      'c.yaml:5:28: IPAMConfig/default spec.autoAllocateBlocks: expected strictAffinity true when autoAllocateBlocks is false, received strictAffinity false',
      'c.yaml:13:11: Node/controlplane metadata.name: expected a free address, received none left in 192.168.0.0/16',
      'c.yaml:28:11: Node/node01 metadata.name: expected a free address, received none left in 192.168.0.0/16',
      'c.yaml:76:11: Pod/kube-system/coredns-66bff467f8-52tkd metadata.name: expected a free address, received none left in 192.168.0.0/16',
      'c.yaml:91:11: Pod/kube-system/coredns-66bff467f8-g5gjb metadata.name: expected a free address, received none left in 192.168.0.0/16',
      'c.yaml:106:11: Pod/kube-system/calico-kube-controllers-799fb94867-6qj77 metadata.name: expected a free address, received none left in 192.168.0.0/16',
      'c.yaml:136:11: Pod/default/busybox-deployment-8c7dc8548-btnkv metadata.name: expected a free address, received none left in 192.168.0.0/16',
      'c.yaml:121:11: Pod/default/busybox-deployment-8c7dc8548-x6ljh metadata.name: expected a free address, received none left in 192.168.0.0/16',
    ],
  },
  {
    name: 'block',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPAMBlock\nmetadata: {name: b}\nspec: {cidr: 192.168.0.0/26, allocations: none, unallocated: []}',
    want: ['c.yaml:5:43: IPAMBlock/b spec.allocations: expected a list, received "none"'],
  },
  {
    name: 'block2',
    add: 'apiVersion: projectcalico.org/v3\nkind: IPAMBlock\nmetadata: {name: b}\nspec: {cidr: 192.168.0.0/26, allocations: [0], unallocated: [70000]}',
    want: [
      'c.yaml:5:62: IPAMBlock/b spec.unallocated.0: expected a slot: a whole number from 0 to 65535, received 70000',
    ],
  },
  {
    name: 'affin2',
    add: 'apiVersion: projectcalico.org/v3\nkind: BlockAffinity\nmetadata: {name: b}\nspec: {cidr: 192.168.0.0/26, node: node01, state: Confirmed}',
    want: [
      'c.yaml:5:51: BlockAffinity/b spec.state: expected one of pending, confirmed, pendingDeletion (did you mean confirmed?), received "Confirmed"',
    ],
  },
  {
    name: 'svc',
    add: 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: NodePorts, ports: [{port: 80}]}',
    want: [
      'c.yaml:5:14: Service/default/s spec.type: expected one of ClusterIP, NodePort, LoadBalancer, ExternalName (did you mean NodePort?), received "NodePorts"',
    ],
  },
  {
    name: 'svc2',
    add: 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{targetPort: 80}]}',
    want: ['c.yaml:5:16: Service/default/s spec.ports.0.port: expected the field "port", received nothing'],
  },
  {
    name: 'eps',
    add: 'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s}\naddressType: ipv4\nendpoints: []',
    want: [
      'c.yaml:5:14: EndpointSlice/default/s addressType: expected one of IPv4, IPv6, FQDN (did you mean IPv4?), received "ipv4"',
    ],
  },
  {
    name: 'cnode',
    add: 'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: node01}\nspec: {bgp: {asNumber: many}}',
    want: ['c.yaml:5:24: Node/node01 spec.bgp.asNumber: expected an AS number, e.g. 64512 or "1.10", received "many"'],
  },
  {
    name: 'cnode2',
    add: 'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: node01}\nspec: {bgp: {ipv4Address: 172.17.0.400}}',
    want: [
      'c.yaml:28:5: Node/node01 metadata.annotations.projectcalico.org/IPv4Address: expected an IPv4 address with its mask, received 172.17.0.400',
    ],
  },
  {
    name: 'underlay two',
    add: 'apiVersion: packetwalk/v1\nkind: Underlay\nmetadata: {name: u2}\nspec: {segments: [], nodes: []}',
    want: [
      'c.yaml:152:11: Underlay/demo metadata.name: expected only one Underlay, received demo',
      'c.yaml:13:11: Node/controlplane metadata.name: expected an entry of Underlay/u2 spec.nodes with this name, received controlplane',
      'c.yaml:28:11: Node/node01 metadata.name: expected an entry of Underlay/u2 spec.nodes with this name, received node01',
      'c.yaml:19:5: Node/controlplane status.addresses: expected an InternalIP, a projectcalico.org/IPv4Address annotation or an interface with an address, received none',
      'c.yaml:33:5: Node/node01 status.addresses: expected an InternalIP, a projectcalico.org/IPv4Address annotation or an interface with an address, received none',
    ],
  },
  {
    name: 'nodeann',
    add: 'apiVersion: v1\nkind: Node\nmetadata: {name: n9, annotations: {projectcalico.org/IPv4Address: 172.17.0.9/40}}',
    want: [
      'c.yaml:4:18: Node/n9 metadata.name: expected an entry of Underlay/demo spec.nodes with this name, received n9',
      'c.yaml:4:67: Node/n9 metadata.annotations.projectcalico.org/IPv4Address: expected an IPv4 address with its mask, received 172.17.0.9/40',
      'c.yaml:2:1: Node/n9 status.addresses: expected an InternalIP, a projectcalico.org/IPv4Address annotation or an interface with an address, received none',
    ],
  },
  {
    name: 'json bad',
    text: '{"apiVersion":"v1","kind":"Pod",',
    want: ['c.yaml:1:33: expected a closing quote, bracket or brace, or a colon, received Flow map must end with a }'],
  },
  {
    name: 'json trail',
    text: '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},}',
    want: ['c.yaml:1:1: Pod/default/x spec: expected the field "spec", received nothing'],
  },
  {
    name: 'json type',
    text: '{"apiVersion":"v1",\n "kind":"Pod",\n "metadata":{"name":"x"},\n "spec":{"nodeName":7}}',
    want: ['c.yaml:4:21: Pod/default/x spec.nodeName: expected a name, received 7'],
  },
  {
    name: 'scalar',
    text: 'hello',
    want: ['c.yaml:1:1: expected a Kubernetes or Calico object, received a text of 5 characters'],
  },
  { name: 'number', text: '5', want: ['c.yaml:1:1: expected a Kubernetes or Calico object, received a number'] },
  {
    name: 'list of text',
    text: '- a\n- b',
    want: [
      'c.yaml:1:3: 0: expected a Kubernetes or Calico object, received a text of 1 character',
      'c.yaml:2:3: 1: expected a Kubernetes or Calico object, received a text of 1 character',
    ],
  },
  {
    name: 'items map',
    text: 'apiVersion: v1\nkind: List\nitems: {a: 1}',
    want: ['c.yaml:3:8: items: expected a list of objects, received a map'],
  },
  {
    name: 'bomb',
    text: 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nkind: X\napiVersion: v1',
    want: [
      'c.yaml:1:1: expected aliases that resolve, and at most 1000 of them, received Excessive alias count indicates a resource exhaustion attack',
    ],
  },
  {
    name: 'proto',
    text: 'kind: Pod\napiVersion: v1\nmetadata: {name: valueof}\nspec: {nodeName: constructor}',
    want: ['c.yaml:4:18: Pod/default/valueof spec.nodeName: expected one of the nodes (none), received constructor'],
  },
  {
    name: 'proto name',
    text: 'kind: Pod\napiVersion: v1\nmetadata: {name: __proto__}\nspec: {nodeName: constructor}',
    want: [
      'c.yaml:3:18: Pod/default/__proto__ metadata.name: expected a name of at most 253 lower-case letters, digits, "-" and ".", each part of which begins and ends with a letter or digit (RFC 1123), e.g. proto, received "__proto__"',
    ],
  },
  {
    name: 'apiv',
    text: 'apiVersion: packetwalk/v2\nkind: Underlay\nmetadata: {name: x}\nspec: {}',
    want: ['c.yaml:1:13: Underlay/x apiVersion: expected packetwalk/v1, received "packetwalk/v2"'],
  },
  {
    name: 'kube-proxy ranges',
    text: 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.0.0.0/8,pods\nnodePortAddresses: [primary, eth0]',
    want: [
      'c.yaml:3:14: KubeProxyConfiguration/kube-system/kube-proxy clusterCIDR: expected CIDRs, by commas, received "10.0.0.0/8,pods"',
      'c.yaml:4:30: KubeProxyConfiguration/kube-system/kube-proxy nodePortAddresses.1: expected a CIDR of addresses of nodes, or primary, received "eth0"',
    ],
  },
]
