import type { DecidedPlace } from './place.ts'
import { literal, on, type Rows, routeGet, tables, without } from './row.ts'

const slices = 'kubectl get endpointslices -A'
const proxyMode = 'kubectl get configmap -n kube-system kube-proxy -o yaml'

/** Sources that a node has for itself. */
const nodeSources = ({ tunnelAddresses, otherAddress, peerAddress }: DecidedPlace): string =>
  [otherAddress, peerAddress, ...tunnelAddresses].map(literal).join('|')

/** Policy, Services and address translation. */
export const OF_POLICY: Rows = {
  F27: on(
    'node',
    (place) => `${tables(place)} -t nat -S`,
    '! -s \\S+ .*KUBE-MARK-MASQ',
    'rules with ! -s of another range than the pool',
    'the range of the pool, or none',
  ),
  F60: on(
    'from',
    ({ target, port }) => `nc -vz -w 3 ${target} ${port === 0 ? 53 : port}`,
    'timed out',
    'timed out, and asking an address works',
    'open',
  ),
  F61: on('node', routeGet, '^local ', 'the resolver is the node itself, which no pod selector finds', 'dev cali…'),
  F62: on(
    '',
    'kubectl get networkpolicy -A -o yaml',
    '- namespaceSelector:[\\s\\S]*?\\n\\s+podSelector:',
    'one item with both selectors (AND) where two items (OR) were meant',
    'the peers that are meant',
  ),
  F63: on(
    '',
    'calicoctl get globalnetworkpolicy -o yaml',
    'selector: all\\(\\)',
    'a policy that selects everything',
    'policies that select what is meant',
  ),
  F64: on(
    '',
    'calicoctl get globalnetworkpolicy,networkpolicy -A -o yaml',
    'action: Log',
    'a policy with Log as its only action',
    'a rule with Allow behind it',
  ),
  F65: on(
    'node',
    ({ target }) => `conntrack -L --dst ${target}`,
    ({ target, source }) => `src=${literal(source)} dst=${literal(target)} `,
    'an entry that was made before the policy',
    'none',
  ),
  F66: on(
    'node',
    (place) => `${tables(place)} -t nat -S`,
    'external destinations.*KUBE-MARK-MASQ',
    'what comes from outside is marked for masquerade',
    'it is not: externalTrafficPolicy is Local',
  ),
  F67: on(
    'node',
    routeGet,
    '^(?!local)',
    'the port is that of another node: policy sees its address, not the pod behind it',
    'it asks its own node',
  ),
  F68: on(
    'peer',
    ({ target }) => `tcpdump -ni any dst host ${target}`,
    (place) => `IP6? (?:${nodeSources(place)})[. ]`,
    'the source is a node’s or a tunnel’s address',
    'the source is a pod’s',
  ),
  F69: on(
    '',
    'kubectl get pods -o wide -A',
    ({ toPod, node }) => `\\s${literal(toPod)}\\s.*\\s${literal(node)}\\s`,
    'the pod runs on the node that asks',
    'the client is elsewhere',
  ),
  F70: on(
    'node',
    (place) => `${tables(place)} -nvL cali-wl-to-host`,
    '^ *\\d\\S* .*(?:DROP|REJECT) ',
    'DROP at the end, and its counter grows',
    'ACCEPT or RETURN',
  ),
  F71: on(
    '',
    'calicoctl get hostendpoint -o wide',
    ({ node, peer }) => `\\s(?:${literal(node)}|${literal(peer)})\\s`,
    'a host endpoint of the node, and no policy that allows the port',
    'none of this node',
  ),
  F72: on('', proxyMode, 'mode: "?ipvs', 'mode: ipvs', 'another mode'),
  F74: on(
    'node',
    ({ target }) => `ipset test cali40all-ipam-pools ${target}`,
    'is in set',
    'is in set',
    'is NOT in set',
  ),
  F75: on(
    'node',
    ({ target }) => `conntrack -L --orig-dst ${target}`,
    ({ source, target }) => `src=${literal(source)} dst=${literal(target)} .*dst=(?!${literal(source)} )`,
    'the reply goes to a node’s address',
    'the reply goes to the pod’s',
  ),
  F76: on('', slices, '<unset>|<none>|No resources', 'no endpoints, or none that is ready', 'ready endpoints'),
  F77: on(
    'node',
    (place) => `${tables(place)} -t nat -S KUBE-SERVICES`,
    ({ target }) => without(`${literal(target)}[/ ]`),
    'no rule for the address of the Service, or no such chain',
    'a rule that leads to KUBE-SVC-…',
  ),
  F78: on(
    'node',
    routeGet,
    ({ cards }) => without(`src ${literal(cards.node.cidr.split('/')[0] ?? '')} `),
    'src is an address of another card than the packet leaves by',
    'src is that of the card',
  ),
  F79: on('node', 'ipvsadm -Lnc', 'SYN_RECV', 'SYN_RECV with the address of the Service as source', 'ESTABLISHED'),
  F80: on(
    'node',
    ({ target }) => `arping -c 3 ${target}`,
    '\\[([0-9A-Fa-f:]{17})\\][\\s\\S]*\\[(?!\\1)[0-9A-Fa-f:]{17}\\]',
    'several MAC addresses answer',
    'one',
  ),
  F81: on(
    'node',
    (place) => `${tables(place)} -S KUBE-EXTERNAL-SERVICES`,
    'has no local endpoints.*-j DROP',
    'the Service is Local, and has no endpoint on the node that is asked',
    'no such rule',
  ),
  F82: on('', slices, ({ source }) => `\\b${literal(source)}\\b`, 'the client is one of the endpoints', 'it is none'),
  F83: on(
    'from',
    ({ target, servicePort }) => `nc -vz -w 3 ${target} ${servicePort === 0 ? 443 : servicePort}`,
    'open|succeeded|Connected',
    'open: the Service works, only ping does not',
    'timed out: it is more than ping',
  ),
  F84: on('node', 'calico-node -bpf counters dump', '[Dd]rop.*[1-9]', 'drops are counted', 'none'),
}
