import type { DecidedPlace } from './place.ts'
import { literal, on, type Rows, routeGet, tables, without } from './row.ts'

const slices = 'kubectl get endpointslices -A'
const proxyMode = 'kubectl get configmap -n kube-system kube-proxy -o yaml'

/** Sources that a node has for itself. */
const nodeSources = ({ tunnelAddresses, otherAddress, peerAddress }: DecidedPlace): string =>
  [otherAddress, peerAddress, ...tunnelAddresses].map(literal).join('|')

/** A rule that has dropped something, as counters show it. */
const COUNTED_DROP = '^ *[1-9]\\S* .*(?:DROP|REJECT) '

/** The chain that dropped; that of a pod where it is not known. */
const chainOf = ({ chain, podDev }: DecidedPlace, of: 'fw' | 'tw'): string =>
  chain === '' ? `cali-${of}-${podDev}` : chain

/** What a node sends; where a chain dropped it, without an answer. */
const unansweredNode = (place: DecidedPlace): string => {
  const silence = place.chain === '' ? '' : `${without(`IP6? ${literal(place.target)}[. ]`)}[\\s\\S]*`
  return `${silence}IP6? (?:${nodeSources(place)})[. ]`
}

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
  F61: on(
    'node',
    (place) => `${tables(place)} -nvL ${chainOf(place, 'fw')}; ${routeGet(place)}`,
    `${COUNTED_DROP}[\\s\\S]*^local `,
    'the egress chain drops, and the resolver is the node itself, which no pod selector finds',
    'it counts nothing, or the route is dev cali…',
  ),
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
    (place) => `${tables(place)} -nvL ${chainOf(place, 'tw')}; conntrack -L --dst ${place.target}`,
    ({ target, source }) => `${COUNTED_DROP}[\\s\\S]*src=${literal(source)} dst=${literal(target)} `,
    'new connections are dropped, and an entry made before the policy goes on',
    'nothing is dropped, or no entry is left',
  ),
  F66: on(
    'node',
    ({ target }) => `tcpdump -ni any host ${target}`,
    unansweredNode,
    'the source is a node’s address, and a policy that expects the client’s leaves it without an answer',
    'the source is the client’s, or it is answered',
  ),
  F67: on(
    'node',
    (place) => `${tables(place)} -nvL ${chainOf(place, 'fw')}; ${tables(place)} -t nat -S KUBE-NODEPORTS`,
    ({ port }) => `${COUNTED_DROP}[\\s\\S]*--dport ${port}\\b`,
    'the egress chain drops, behind the rule that has put the pod in place of the port of this node',
    'it counts nothing',
  ),
  F68: on(
    'peer',
    ({ target }) => `tcpdump -ni any host ${target}`,
    unansweredNode,
    'the source is a node’s or a tunnel’s address, and a policy that does not know it leaves it without an answer',
    'the source is a pod’s, or it is answered',
  ),
  F69: on(
    'node',
    (place) => `${tables(place)} -S cali-tw-${place.podDev}`,
    'cali-pi-|no policies passed',
    'policies say who reaches the pod, and what its own node sends meets none of them: ask from elsewhere',
    'no policy says who reaches the pod',
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
  F82: on(
    'node',
    (place) => `${tables(place)} -t nat -S KUBE-MARK-MASQ`,
    without('-j MARK'),
    'no rule marks what is to be masqueraded: the pod meets its own address as the source',
    'a rule with -j MARK',
  ),
  F83: on(
    'from',
    ({ target, servicePort }) => `nc -vz -w 3 ${target} ${servicePort === 0 ? 443 : servicePort}`,
    'open|succeeded|Connected',
    'open: the Service works, only ping does not',
    'timed out: it is more than ping',
  ),
  F84: on('node', 'calico-node -bpf counters dump', '[Dd]rop.*[1-9]', 'drops are counted', 'none'),
}
