import type { DecidedPlace } from './place.ts'
import { literal, on, type Rows, tables } from './row.ts'

const podArp = ({ podDev }: DecidedPlace): string => `sysctl net.ipv4.conf.${podDev}.proxy_arp`

/** What a node's kernel does: neighbours, sysctls, rules of others, connections. */
export const OF_KERNEL: Rows = {
  F45: on(
    'node',
    podArp,
    '= 0$',
    '0; or 1, and `ip route get 169.254.1.1` finds no route',
    '1, and a route to 169.254.1.1',
  ),
  F48: (place) =>
    (place.isRaw
      ? on(
          'node',
          (at) => `${tables(at)} -t raw -nvL cali-PREROUTING`,
          '^ *[1-9]\\S* .*DROP.*rpfilter',
          'the rule with rpfilter counts',
          'it counts nothing',
        )
      : on(
          'node',
          ({ dev }) => `sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.${dev}.rp_filter`,
          '= 1$',
          '1: strict, and `ip route get` of the source leads elsewhere',
          '0 or 2',
        ))(place),
  F49: on('node', 'sysctl net.ipv4.ip_forward', '= 0$', '= 0', '= 1'),
  F50: on(
    'node',
    (place) => `${tables(place)} -nvL FORWARD`,
    '\\(policy DROP',
    '(policy DROP …) and its counter grows',
    '(policy ACCEPT …)',
  ),
  F51: on(
    'node',
    (place) => `${tables(place)} -S`,
    '^-A (?!cali-|KUBE-)(?!.*cali:).* -j (?:DROP|REJECT)',
    'rules of a firewall manager (ufw, firewalld) or a REJECT or DROP that is not Calico’s',
    'only cali-, KUBE- and accepting rules',
  ),
  F52: on(
    'node',
    'iptables-save',
    'iptables-legacy tables present',
    'a warning that legacy tables are there, too',
    'no warning',
  ),
  F53: on(
    '',
    'kubectl get configmap -n kube-system kube-proxy -o yaml',
    'mode: "?nftables',
    'mode: nftables, with an older Calico',
    'another mode',
  ),
  F54: on(
    'node',
    'sysctl net.netfilter.nf_conntrack_max',
    '= \\d{1,3}$',
    'as many as `conntrack -C` counts',
    'far more than `conntrack -C` counts',
  ),
  F55: on('node', 'conntrack -S', 'insert_failed=[1-9]', 'insert_failed grows', 'insert_failed stays'),
  F56: on(
    'node',
    ({ target }) => `conntrack -L -p udp --orig-dst ${target}`,
    '^udp ',
    'an entry that leads to an address no pod has',
    'entries that lead to endpoints',
  ),
  F57: on(
    'node',
    (place) => `${tables(place)} -nvL ${place.chain === '' ? `cali-fw-${place.podDev}` : place.chain}`,
    '^ *[1-9]\\S* .*DROP.*INVALID',
    'the rule for ctstate INVALID counts',
    'it counts nothing',
  ),
  F58: on(
    'node',
    'sysctl net.ipv4.neigh.default.gc_thresh3',
    '= \\d{1,2}$',
    'about as many as `ip neigh | wc -l` says',
    'far more than there are neighbours',
  ),
  F59: on('node', ({ podDev }) => `ip link show ${podDev}`, 'does not exist', 'does not exist', 'UP'),
  F87: on('node', 'calico-node -felix-ready', 'not ready', 'Felix is not ready', 'nothing: it is ready'),
  F88: on(
    'node',
    (place) => `ip -br link show ${place.podDev}; ${tables(place)} -S cali-tw-${place.podDev}`,
    ({ podDev }) => `^${literal(podDev)}[@ ][\\s\\S]*(?:No chain|does not exist)`,
    'the device of the pod and no chain for it, although calico-node runs: Felix has not heard of it from Typha',
    'the chain of the pod',
  ),
  F89: on(
    '',
    'kubectl get events -A',
    '^\\S+ +\\d{1,2}s .*Started',
    'the pod started seconds before the loss',
    'it has run for long',
  ),
  F90: on('', 'kubectl get events -A', 'unauthorized', 'connection is unauthorized', 'another reason'),
}
