import type { DecidedPlace } from './place.ts'
import { literal, on, POD_ROUTE, pools, type Rows, routeGet, sessions, six, without } from './row.ts'

/** No route, a blackhole, or what leads out of the cluster. */
const astray = ({ gateway }: DecidedPlace): string =>
  `RTNETLINK answers|^blackhole${gateway === '' ? '' : `| via ${literal(gateway)} `}`

const NOT_ESTABLISHED = '\\|\\s*(?:start|down)\\s*\\|'

/** Pools, blocks, addresses and routes. */
export const OF_ROUTING: Rows = {
  F25: on(
    '',
    pools,
    ({ pools: { target } }) => (target === '' ? '(?!)' : literal(target)),
    'a CIDR that has addresses of nodes or of the LAN',
    'a range nobody else uses',
  ),
  F26: on(
    '',
    'kubectl get services -A',
    ({ asked }) => `\\s${literal(asked)}\\s`,
    'a Service has the address of a pod',
    'no Service has it',
  ),
  F28: on('', pools, '^\\S+\\s+\\S+\\s+(?:true|false)\\s+\\S+\\s+\\S+\\s+true\\b', 'DISABLED true', 'DISABLED false'),
  F29: on(
    '',
    'kubectl get events -A',
    'no configured Calico pools|not enabled|pool does not exist',
    'no pool is for the node, or for what the pod asks',
    'another reason',
  ),
  F30: on('', 'calicoctl ipam show', '\\s0 \\(0%\\) \\|$', 'a pool with nothing free', 'free addresses everywhere'),
  F31: on(
    '',
    'calicoctl ipam show --show-configuration',
    'StrictAffinity\\s*\\|\\s*true',
    'StrictAffinity true: no address of another node’s block is taken',
    'StrictAffinity false',
  ),
  F32: (place) =>
    (place.isLocal
      ? on('node', routeGet, '^local ', 'the address is the node’s own, too', 'dev cali…')
      : on(
          '',
          'kubectl get pods -A -o wide',
          ({ target }) => `\\s${literal(target)}\\s[\\s\\S]*\\s${literal(target)}\\s`,
          'the address is listed twice',
          'every address once',
        ))(place),
  F33: on('', 'calicoctl ipam check', 'affinit\\S* .*affinit', 'a block with two affinities', 'one affinity a block'),
  F34: on('node', sessions, NOT_ESTABLISHED, 'the peer is not Established: Connect, Active, or refused', 'Established'),
  F35: on(
    'askerNode',
    sessions,
    ({ peerAddress }) => `\\|\\s*${literal(peerAddress)}\\s*\\|.*\\|\\s*(?:start|down)\\s*\\|`,
    'the session with the Node’s address is not Established, and nothing else is wrong',
    'Established, or a node that somebody needs',
  ),
  F36: on('node', sessions, 'No IPv[46] peers found', 'no peers', 'peers that are Established'),
  F37: on(
    'node',
    'birdcl show route',
    ({ block }) => without(literal(block)),
    'blocks of clients of the other reflector are missing',
    'all blocks',
  ),
  F38: on('node', sessions, 'Bad peer AS', 'Bad peer AS', 'Established'),
  F39: on('node', sessions, 'Bad BGP identifier', 'Bad BGP identifier', 'Established'),
  F40: on('node', sessions, '(?:Established[\\s\\S]*){100}', 'hundreds of peers', 'few'),
  F41: on(
    'peer',
    'birdcl show status',
    'Unable to connect|Graceful restart|starting',
    'BIRD is not running, or has just started',
    'BIRD is ready',
  ),
  F42: on('node', routeGet, astray, 'the default route, a blackhole, or none', POD_ROUTE),
  F43: on(
    'node',
    routeGet,
    'dev (?:cni|cbr|flannel|weave|cilium|kube-bridge|antrea|docker|podman|br-)',
    'a device of another plugin (cni0, flannel.1)',
    POD_ROUTE,
  ),
  F44: on(
    'node',
    routeGet,
    'Invalid argument|^blackhole',
    'blackhole (RTNETLINK answers: Invalid argument)',
    'dev cali…',
  ),
  F46: on('node', 'ip -br addr', '\\s169\\.254\\.1\\.', 'an address in 169.254.1.0/24', 'none there'),
  F47: on(
    'from',
    (place) => `ip ${six(place)}route`,
    without('default'),
    'no default route',
    'default via 169.254.1.1 dev eth0',
  ),
  F85: on('node', 'sysctl net.ipv6.conf.all.forwarding', '= 0$', '= 0', '= 1'),
  F86: on(
    'node',
    routeGet,
    'RTNETLINK answers|^(?:blackhole|unreachable)',
    'no route to the address but that of the block',
    'dev cali…',
  ),
  F91: on(
    'node',
    'ls /etc/cni/net.d',
    '^(?!10-calico)',
    'a file of another plugin comes first',
    '10-calico.conflist comes first',
  ),
  F73: on('', pools, ({ pools: { source } }) => `${literal(source)}\\s+false\\b`, 'NAT false', 'NAT true'),
}
