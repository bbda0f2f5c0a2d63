import type { Contrast } from '../objects/compared.ts'
import type { DriftCause, DriftFinding } from './finding.ts'
import { routesIn } from './scene.ts'

type Words = Pick<DriftFinding, 'meaning' | 'because' | 'checks'>

interface Told {
  /** What it does to packets. */
  readonly meaning: string
  /** Why it is likely. */
  readonly because: string
  /** Commands; `@` before one that is typed on the node. */
  readonly checks: (facts: Facts) => readonly string[]
}

interface Facts {
  readonly node: string
  readonly subject: string
  /** A destination of a route that differs. */
  readonly dst: string
  readonly one: Contrast | undefined
}

const agents = ({ node }: Facts): string =>
  `kubectl get pods -A -l k8s-app=calico-node -o wide --field-selector spec.nodeName=${node}`
const sessions = '@calicoctl node status'
const felixLog = ({ node }: Facts): string =>
  `kubectl logs -n kube-system $(kubectl get pods -n kube-system -l k8s-app=calico-node --field-selector spec.nodeName=${node} -o name) -c calico-node --tail=50`
const routeOf = ({ dst }: Facts): string =>
  dst === '' ? '@ip route' : `@ip ${dst.includes(':') ? '-6 ' : ''}route show ${dst}`
const podOf = ({ subject }: Facts): string => {
  const [namespace = '', name = ''] = subject.split('/')
  return name === '' ? 'kubectl get pods -A -o wide' : `kubectl get pod -n ${namespace} ${name} -o wide`
}

const TOLD: Readonly<Record<DriftCause, Told>> = {
  bird_not_running: {
    meaning: 'Packets to pods of other nodes take the default route, or none',
    because: 'BIRD does not run here, or never did: it leaves its routes when it stops, unless they were flushed',
    checks: (facts) => [agents(facts), sessions, '@birdcl show protocols'],
  },
  no_bgp_session: {
    meaning: 'Packets to pods of other nodes take the default route, or none',
    because: 'BIRD runs and has no session: TCP 179 is filtered, or the addresses or AS numbers do not fit',
    checks: () => [sessions, '@birdcl show protocols', '@ss -tn dport = :179'],
  },
  bgp_session_down: {
    meaning: 'Packets to pods of that node take the default route, or none',
    because: 'The session with that node is down, or its BIRD is: the routes to other nodes are there',
    checks: ({ subject }) => [
      sessions,
      `calicoctl get node ${subject} -o yaml`,
      `kubectl get pods -A -l k8s-app=calico-node --field-selector spec.nodeName=${subject}`,
    ],
  },
  not_announced: {
    meaning: 'Packets to the addresses of that block take the default route, or none',
    because:
      'Other routes of that node came: the block was claimed just now, or a BGPFilter or disableBGPExport keeps it back',
    checks: ({ dst }) => [
      `@birdcl show route ${dst}`,
      'calicoctl ipam show --show-blocks',
      'calicoctl get bgpfilters -o yaml',
    ],
  },
  felix_not_running: {
    meaning: 'Pods of this node are reached by nobody, and no policy is enforced',
    because: 'Felix does not run here, or is not ready: it writes all of this again when it starts',
    checks: (facts) => [agents(facts), felixLog(facts)],
  },
  not_programmed: {
    meaning: 'Packets for it take another way, or none',
    because:
      'Felix looks at everything every 90 s and has not written this: it hangs, it was deleted just now, or its view of the objects is old (Typha)',
    checks: (facts) => [felixLog(facts), routeOf(facts)],
  },
  pod_not_wired: {
    meaning: 'The pod is reached by nobody',
    because:
      'It has no host end: the CNI plugin has not run or failed, or the pod is gone and the objects are older than the dump',
    checks: (facts) => [podOf(facts), '@crictl pods', '@ip -br link'],
  },
  other_release: {
    meaning: 'What is expected here is that of another release, so differences may be none',
    because:
      '--calico-version says which one runs, or among the objects the image of calico-node in its DaemonSet, or ClusterInformation',
    checks: () => [
      "kubectl get ds -A -l k8s-app=calico-node -o jsonpath='{.items[*].spec.template.spec.containers[*].image}'",
      'kubectl get clusterinformation default -o yaml',
    ],
  },
  other_setting: {
    meaning:
      'Packets go the same way; whoever cleans routes by protocol (NetworkManager, systemd-networkd, FRR) treats these otherwise',
    because:
      'deviceRouteProtocol or programClusterRoutes of the FelixConfiguration was another, or is not among the objects',
    checks: (facts) => ['calicoctl get felixconfiguration -o yaml', routeOf(facts)],
  },
  other_encapsulation: {
    meaning: 'Packets are encapsulated otherwise than the other end may expect, and their largest size is another',
    because:
      'ipipMode or vxlanMode of the pool was changed, or a node changed its subnet under CrossSubnet, and this is from before',
    checks: (facts) => ['calicoctl get ippools -o wide', routeOf(facts)],
  },
  moved: {
    meaning: 'Packets go to where it was, and are dropped there or sent back',
    because:
      'It was elsewhere when this was written: a block or address of another node, a pod or node that was made anew under its name',
    checks: (facts) => [
      routeOf(facts),
      'calicoctl ipam show --show-blocks',
      ...(facts.subject.includes('/') && facts.dst !== facts.subject ? [podOf(facts)] : []),
    ],
  },
  stale_route: {
    meaning: 'Packets to it go where nobody takes them, and addresses given out anew there are not reached',
    because: 'Block or address were released, and the route was not taken away',
    checks: (facts) => [routeOf(facts), 'calicoctl ipam show --show-blocks', 'calicoctl ipam check'],
  },
  stale_endpoint: {
    meaning: 'Packets to it go to a host end without a pod that counts',
    because: 'The pod is gone and Felix or the CNI plugin did not clean up, or the objects given do not have the pod',
    checks: ({ one }) => [
      'kubectl get pods -A -o wide',
      `@ip -br link show${one?.found?.entry.of === 'link' ? ` ${one.found.entry.link.name}` : ''}`,
      'calicoctl get workloadendpoints -A',
    ],
  },
  stale_node: {
    meaning: 'Packets to its blocks go to a machine that does not take them',
    because: 'The node left the cluster, or came back with another address, and this is from before',
    checks: (facts) => ['kubectl get nodes -o wide', 'calicoctl get nodes -o wide', routeOf(facts)],
  },
  stale_set: {
    meaning:
      'Rules that ask the set match too much or too little: packets are masqueraded, dropped or let through otherwise',
    because: 'A pool, node or pod came or went and Felix has not followed, or somebody changed the set',
    checks: ({ one }) => [
      `@ipset list ${one?.found?.entry.of === 'ipset' ? one.found.entry.set.name : ''}`.trimEnd(),
      'calicoctl get ippools -o wide',
    ],
  },
  stale_policy: {
    meaning: 'Packets are let through or denied otherwise than the policies say',
    because:
      'Policies, labels or profiles are others than when this was written, not all of them are among the objects, or somebody changed the chain',
    checks: (facts) => [
      chainOf(facts),
      'kubectl get networkpolicies -A',
      'calicoctl get globalnetworkpolicies -o yaml',
    ],
  },
  stale_service: {
    meaning: 'Connections to a Service go to endpoints that are gone, or not to all that are there',
    because:
      'kube-proxy has not followed the EndpointSlices, runs in another release or setting, or not all Services are among the objects',
    checks: (facts) => [
      `kubectl get pods -n kube-system -l k8s-app=kube-proxy --field-selector spec.nodeName=${facts.node}`,
      chainOf(facts),
      'kubectl get endpointslices -A',
    ],
  },
  kube_proxy_not_running: {
    meaning: 'Addresses of Services lead nowhere from this node',
    because: 'kube-proxy does not run here, runs in another mode (ipvs, nftables), or something else takes its place',
    checks: ({ node }) => [
      `kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide --field-selector spec.nodeName=${node}`,
      'kubectl get configmap -n kube-system kube-proxy -o yaml',
      '@ipvsadm -ln',
    ],
  },
  rules_flushed: {
    meaning: 'No policy is enforced by what is missing, and packets may leave without being masqueraded',
    because:
      'Somebody flushed or restored the rules (iptables -F, firewalld, ufw, iptables-restore), or Felix writes into the other backend (legacy, nft)',
    checks: (facts) => [
      '@iptables-save -c | grep -c cali-',
      '@iptables-legacy-save | grep -c cali-',
      '@systemctl is-active firewalld ufw',
      felixLog(facts),
    ],
  },
  rules_edited: {
    meaning: 'Packets meet other rules than Calico or kube-proxy would have written there',
    because:
      'These lines depend on settings alone: they were changed by hand or by a script, or FelixConfiguration or kube-proxy’s settings are others',
    checks: (facts) => [chainOf(facts), 'calicoctl get felixconfiguration -o yaml'],
  },
  foreign_route: {
    meaning: 'Packets to these pods follow it, whatever Calico knows',
    because: 'Somebody added it by hand or by a script',
    checks: (facts) => [
      routeOf(facts),
      '@grep -rs "ip route" /etc/network /etc/sysconfig/network-scripts /etc/netplan',
    ],
  },
  foreign_rule: {
    meaning: 'Packets it matches are looked up in another table, past Calico’s routes',
    because: 'Calico adds policy rules for WireGuard only: somebody else did',
    checks: ({ one }) => [
      '@ip rule',
      ...(one?.found?.entry.of === 'rule' && one.found.entry.rule.table !== undefined
        ? [`@ip route show table ${one.found.entry.rule.table}`]
        : []),
    ],
  },
  other_component: {
    meaning: 'Two agents write routes for the same packets: which one counts depends on length and metric',
    because: 'Its device, protocol or priority is that of another agent',
    checks: (facts) => [routeOf(facts), 'kubectl get pods -A -o wide', '@ls /etc/cni/net.d'],
  },
  external_route: {
    meaning: 'Packets to it go to a router that announced it',
    because:
      'BIRD learned it from a peer outside of the objects (a switch, a router), or one that an Underlay does not have',
    checks: ({ dst }) => [`@birdcl show route ${dst} all`, 'calicoctl get bgppeers -o wide'],
  },
  edited: {
    meaning: 'Packets for it go another way, or with another source or size',
    because: 'Somebody changed it by hand or by a script; Felix and BIRD write their own again when they look',
    checks: (facts) => [routeOf(facts), ...(facts.one?.table === 'link' ? [`@ip -d addr show ${facts.subject}`] : [])],
  },
  mtu: {
    meaning: 'Packets between the two sizes are lost, fragmented or refused at one of the ends',
    because:
      'The MTU was written by another release, before the network’s MTU changed, or by hand; pods keep that of their start',
    checks: ({ one }) => [
      `@ip link show ${one?.found?.entry.of === 'link' ? one.found.entry.link.name : ''}`.trimEnd(),
      'calicoctl get felixconfiguration -o yaml',
      '@cat /var/lib/calico/mtu',
    ],
  },
  link_down: {
    meaning: 'Nothing goes through it',
    because: 'Felix sets it up when it looks: somebody set it down just now, or Felix does not run',
    checks: ({ subject }) => [`@ip -d link show ${subject}`],
  },
  sysctl_edited: {
    meaning: 'The kernel forwards, filters or answers otherwise on these interfaces',
    because: 'A file in sysctl.d, a hardening script, Docker or a person wrote it after Felix or the CNI plugin did',
    checks: ({ one }) => [
      `@sysctl ${one?.found?.entry.of === 'sysctl' ? one.found.entry.key : ''}`.trimEnd(),
      '@grep -rs . /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d',
    ],
  },
}

function chainOf({ one }: Facts): string {
  const entry = (one?.expected ?? one?.found)?.entry
  if (entry?.of !== 'chain') return '@iptables-save -c'
  const { family, table, chain } = entry.chain
  return `@${family === 'inet' ? 'iptables' : 'ip6tables'} -t ${table} -S ${chain}`
}

/** What a cause means on a machine, and what to type to be sure. */
export function wordsOf(
  cause: DriftCause,
  node: string,
  subject: string | undefined,
  contrasts: readonly Contrast[],
): Words {
  const [one] = contrasts
  const routes = one === undefined ? {} : routesIn(one)
  const dst = (routes.wanted ?? routes.there)?.dst ?? ''
  const { meaning, because, checks } = TOLD[cause]
  const typed = checks({ node, subject: subject ?? '', dst, one })
  return {
    meaning,
    because,
    checks: typed.map((command) => (command.startsWith('@') ? `${command.slice(1)}   (on ${node})` : command)),
  }
}
