// Sessions: programs that send, captures beside them, words of the shell itself; in every lab, each from its beginning.
import { describe } from 'vitest'
import { Shell } from '../../src/shell/index.ts'
import { goldens } from '../support/golden.ts'
import { GOLDEN_LABS, goldenLab, placesOf } from '../support/golden-labs.ts'
import { eachOf, typed } from '../support/session.ts'

/** What a session is about. */
interface Scene {
  readonly pod: string
  readonly node: string
  /** What can be asked for: names and addresses near and far. */
  readonly targets: readonly string[]
  /** The card of the node. */
  readonly card: string
}

const PING = [
  '-c 1',
  '-c 2 -i 0.2',
  '-c 1 -s 1472',
  '-c 1 -s 1472 -M do',
  '-c 1 -s 4000',
  '-c 1 -t 1',
  '-c 1 -t 2',
  '-4 -c 1',
  '-6 -c 1',
  '-c 1 -W 1',
  '-c 1 -Q 16',
  '-n -q -c 1',
  '-c 1 -p ff',
  '-c 0',
  '-t 0',
  '-t 256',
  '-s 70000',
  '-z',
  '-c 1 -I lo',
  '-c 1 -b',
  '-c 1 -M want',
  '-c 1 -M dont',
]
const TRACEROUTE = ['', '-n', '-I', '-m 2', '-q 1', '-w 1', '-p 40000', '-m 0', '-z', '-q 1 -f 2', '-4', '-6', '-T']

const programs = ({ targets }: Scene): string[] => [
  ...eachOf(
    PING.map((options) => `ping ${options}`),
    targets.slice(0, 3),
  ),
  ...targets.map((to) => `ping -c 1 ${to}`),
  ...targets.slice(0, 2).map((to) => `ping6 -c 1 ${to}`),
  ...[
    'ping',
    'ping bogus',
    'ping -c',
    'ping -c x 10.0.0.1',
    'ping 10.0.0.1 10.0.0.2',
    'traceroute',
    'traceroute bogus',
    'traceroute6 fd00::1',
  ],
  ...eachOf(
    TRACEROUTE.map((options) => `traceroute ${options}`),
    targets.slice(0, 2),
  ),
  'why',
  'why -v',
  'why -vv',
]

const connections = ({ targets }: Scene): string[] => [
  ...eachOf(
    ['nc -zv', 'nc -z', 'nc -zv -w 1', 'nc -zuv', 'nc -zu -n', 'nc -vz -4'],
    targets.map((to) => `${to} 80`),
  ),
  ...eachOf(['nc', 'nc -v', 'nc -z', 'nc -zv -w x', 'nc -zv -w', 'nc -zq'], ['10.0.0.1 80']),
  ...[
    'nc -zv 10.0.0.1',
    'nc -zv 10.0.0.1 0',
    'nc -zv 10.0.0.1 65536',
    'nc -zv 10.0.0.1 80 81',
    'nc -zv bogus 80',
    'nc -zv bogus.shop.svc.cluster.local. 80',
    'nc -zv heads.shop 80',
    'nc -zv hollow.shop 80',
    'nc -zv elsewhere.shop 80',
    'nc -zv web.default.svc 80',
    'nc -zv web.default.bogus 80',
    'nc -zv db.shop.svc.cluster.local 5432',
    'nc -zv node/bogus 80',
  ],
  ...eachOf(
    [
      'curl',
      'curl -s',
      'curl -sS',
      'curl -v',
      'curl -sv',
      'curl -m 1',
      'curl --connect-timeout 1',
      'curl -v -m 2 --connect-timeout 1',
      'curl -fkIL',
    ],
    targets.map((to) => (to.includes(':') ? `http://[${to}]:8080/x?y#z` : `${to}`)),
  ),
  ...[
    'curl',
    'curl a b',
    'curl -m x 10.0.0.1',
    'curl -z 10.0.0.1',
    'curl ftp://10.0.0.1',
    'curl http://',
    'curl http://10.0.0.1:0',
    'curl http://10.0.0.1:99999/',
    'curl https://web.default/',
    'curl -v https://bogus',
    'curl -s http://bogus',
    'curl -o x -H a:b -X PUT -w z web',
    'curl http://user@10.0.0.1',
  ],
  'conntrack -L',
  'why',
]

const FILTERS = [
  '',
  'icmp',
  'arp',
  'ip',
  'ip6',
  'icmp6',
  'tcp',
  'udp',
  'vxlan',
  'ether',
  'not arp',
  '!icmp',
  'arp or icmp',
  'icmp and arp',
  '( arp || udp ) && not icmp',
  'tcp port 80',
  'udp dst port 4789',
  'src port 80',
  'proto 4',
  'ip proto 1',
  'net 192.168.0.0/16',
  'src net 10.0.0.0/8',
  'dst net fd00::/16',
  'icmp or',
  'port x',
  'host bogus',
  'net bogus',
  '( arp',
  'bogus',
  'src',
  'src host',
  'host',
  'arp )',
  'port',
  'not',
]

const captures = ({ card, node, targets }: Scene): string[] => {
  const watched = (options: string): string[] => [
    `tcpdump ${options} &`,
    ...targets.slice(0, 2).map((to) => `ping -c 1 ${to}`),
    `nc -zv -w 1 ${targets[0]} 80`,
    'fg',
  ]
  const filtered = (filter: string): string[] => [
    `tcpdump -i any ${filter} &`,
    `${filter.includes('port') ? 'nc -zv -w 1' : 'ping -c 1'} ${targets[0]}${filter.includes('port') ? ' 80' : ''}`,
    'fg',
  ]
  const [to = '10.0.0.1'] = targets
  return [
    ...[
      '-i any',
      `-i ${card} -e`,
      '-i any -nn -v',
      '-i any -c 2',
      '-i lo',
      '',
      '-i any -w all.pcapng',
      `-i ${card} -w card.pcapng`,
      '-i any -w few.pcapng -c 3',
      '-nei any -S',
      '-ni any',
    ].flatMap(watched),
    ...[
      ...FILTERS,
      `host ${to}`,
      `src host ${to}`,
      `dst ${to}`,
      `src or dst ${to}`,
      `${to}`,
      `ip host ${to}`,
      `arp host ${to}`,
    ].flatMap(filtered),
    ...[
      'tcpdump -i bogus0',
      'tcpdump -c 0',
      'tcpdump -c x',
      'tcpdump -z',
      'tcpdump -i',
      'fg',
      `ping -c 1 ${node}`,
      'tcpdump -i any &',
      'tcpdump -i any &',
      `ping -c 1 ${to}`,
    ],
  ]
}

const words = ({ node, pod, targets: [to = '10.0.0.1'] }: Scene): string[] => [
  ...[
    'help',
    'hosts',
    'history',
    'why',
    'exit',
    'fg',
    'back',
    'back x',
    'save',
    'save x',
    `ssh ${pod}`,
    'hostname',
    `ssh ${node}`,
    'hostname',
    'ssh bogus',
    'ssh 203.0.113.99',
  ],
  ...[
    'ip link set lo down',
    'ip -br link',
    'save y',
    'ip link set lo up',
    'back y',
    'ip -br link',
    'back x',
    'ip -br link',
    'back',
    'exit',
    'hostname',
    'exit',
    'hostname',
    'exit',
  ],
  ...eachOf(
    ['ip -br addr |'],
    [
      'grep lo',
      'grep -v lo',
      'grep -i LO',
      'grep -c lo',
      'grep -w l',
      'grep -F .',
      'grep -E "lo|eth"',
      'grep "lo\\|eth"',
      'grep -z x',
      'grep',
      'grep a b',
      'grep "(\\1"',
      'grep bogus',
      'head',
      'head -1',
      'head -n 1',
      'head -n1',
      'head x',
      'tail',
      'tail -1',
      'tail -n 0',
      'sort',
      'sort -r',
      'wc -l',
      'wc',
      'bogus',
      '',
      'grep lo | wc -l',
      "grep 'l' | sort | head -1",
      'grep bogus | wc -l',
    ],
  ),
  ...[
    `arp -d ${to}`,
    `ping -c 1 ${to}`,
    'arp -n',
    `ip neigh del ${to} dev eth0`,
    'ip neigh flush all',
    'ip neigh flush dev lo',
    'ip -4 neigh flush nud stale',
    'ip -6 neigh flush all',
    'ip neigh',
    `arp -d ${to} -i eth0`,
    'ip route flush cache',
    'ip -6 route flush cache',
  ],
  ...[
    'echo 0 > /proc/sys/net/ipv4/ip_forward',
    'sysctl net.ipv4.ip_forward',
    'echo x',
    'echo 1 > /proc/sys/net/bogus',
    'sysctl -w net.ipv4.ip_forward=1',
    'sysctl -w net.bogus=1',
    'history',
  ],
  ...eachOf(
    [
      `kubectl exec ${pod.split('/').at(-1)}`,
      `kubectl exec -n ${pod.split('/')[0]} ${pod.split('/').at(-1)}`,
      `kubectl -n shop exec -it web-0 -c web`,
      'kubectl exec deploy/bogus',
      `kubectl exec node/${node}`,
      'kubectl exec',
    ],
    ['-- hostname', '-- ip addr', `-- ping -c 1 ${to}`, 'hostname', '', '--'],
  ),
  ...[
    'kubectl',
    'kubectl logs x',
    'kubectl -n',
    'kubectl exec -z x -- y',
    'kubectl exec -z x',
    'kubectl --namespace shop exec --stdin --tty --quiet web-0 --container web -- hostname',
  ],
]

const SESSIONS: Readonly<Record<string, (scene: Scene) => readonly string[]>> = {
  programs,
  connections,
  captures,
  words,
}

/** Once each in a pod and on a node. */
function session(labName: string, kind: 'pod' | 'node', name: string): string {
  const lab = goldenLab(labName)
  const { pods, nodes, others } = placesOf(lab)
  const here = kind === 'pod' ? pods[0] : nodes[0]
  if (here === undefined) return 'no such place\n'
  const addressesOf = (place = ''): string[] =>
    Object.values(lab.network.namespaces[place]?.interfaces ?? {}).flatMap(({ addresses }) =>
      addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local),
    )
  const far = [pods.at(-1), nodes.at(-1), others.at(-1)].flatMap((place) => addressesOf(place).slice(-2))
  const services = (lab.cluster?.resources.services ?? []).slice(0, 4).map(({ metadata }) => metadata.name)
  const [card = 'lo'] = Object.keys(lab.network.namespaces[here]?.interfaces ?? {}).filter((dev) => dev !== 'lo')
  const targets = [...new Set([pods.at(-1), ...far, nodes.at(-1), '203.0.113.77', ...services])].filter(
    (one) => one !== undefined,
  )
  const scene = { pod: pods[0] ?? 'bogus', node: nodes[0] as string, targets: targets.slice(0, 7), card }
  const lines = (SESSIONS[name] as (scene: Scene) => readonly string[])(scene)
  const completed = ['', 'i', 'ip', 'kubectl get ', `ping ${scene.pod.slice(0, 2)}`, 'ssh n', 'ip addr show e'].map(
    (line) => `${line}: ${new Shell(lab, here).complete(line).join(' ')}\n`,
  )
  return `${typed(lab, here, lines)}\n${completed.join('')}`
}

/** A place of each kind of lab; the whole of everything only where it is new. */
const KEYS = [
  ...['town pod', 'town node'].flatMap((place) => Object.keys(SESSIONS).map((name) => `${place} ${name}`)),
  ...['demo-ipip pod', 'dump-17c-ipv6-vxlan node'].map((place) => `${place} programs`),
  ...['dump-18-services-ipip pod'].map((place) => `${place} connections`),
  ...['random-vxlan-always node', 'dump-17c-ipv6-vxlan node', 'dump-20b-docker-bridge-brnf pod'].map(
    (place) => `${place} captures`,
  ),
  ...GOLDEN_LABS.map((lab, i) => `${lab} ${i % 2 === 0 ? 'node' : 'pod'} words`).filter(
    (key) => !key.startsWith('town'),
  ),
]

describe('sessions go as they went', () => {
  goldens('sessions', KEYS, (key) => {
    const [lab = '', kind = '', name = ''] = key.split(' ')
    return session(lab, kind as 'pod', name)
  })
})
