// Two nodes with a pod each, IPIP between them, as Calico would lay them out; by hand, so that every test sees all of it.
import { Recorder, Simulation } from '../../src/dataplane/index.ts'
import { factsOf, judged } from '../../src/diagnose/index.ts'
import { cable, type Namespace, type Network, namespace, networkOf, type Origin, route } from '../../src/model/index.ts'
import { Ping } from '../../src/programs/ping.ts'
import type { PingOptions } from '../../src/programs/ping-options.ts'
import { type Trace, traceOf } from '../../src/trace/index.ts'
import { type Ip, parseIp } from '../../src/wire/index.ts'

export const POD_A = '10.1.0.2'
export const POD_B = '10.1.0.66'

const GATEWAY = [
  route('169.254.1.1', { dev: 'eth0', scope: 'link' }),
  route('default', { via: '169.254.1.1', dev: 'eth0' }),
]

function pod(name: string, address: string, mac: string): Namespace {
  return namespace(name, {
    role: 'pod',
    interfaces: [{ name: 'eth0', mac, addresses: [`${address}/32`] }],
    routes: GATEWAY,
  })
}

interface NodeParts {
  readonly address: string
  readonly mac: string
  readonly pod: string
  readonly block: string
  readonly tunnel: string
  readonly other: { readonly address: string; readonly block: string }
}

const POOL: Origin = {
  component: 'bird',
  object: 'IPPool/default',
  field: 'spec.ipipMode',
  file: 'cluster.yaml',
  line: 12,
}

function node(name: string, parts: NodeParts): Namespace {
  return namespace(name, {
    role: 'node',
    forwarding: true,
    interfaces: [
      { name: 'eth0', mac: parts.mac, addresses: [`${parts.address}/24`] },
      { name: 'cali1', mac: 'ee:ee:ee:ee:ee:ee' },
      {
        name: 'tunl0',
        kind: 'ipip',
        mtu: 1480,
        addresses: [`${parts.tunnel}/32`],
        ipip: { ttl: 0, tos: 'inherit', pmtudisc: false },
      },
    ],
    routes: [
      route('default', { via: '192.168.0.254', dev: 'eth0' }),
      route(parts.pod, {
        dev: 'cali1',
        scope: 'link',
        origin: { component: 'felix', object: `WorkloadEndpoint/${name}` },
      }),
      route(parts.block, { type: 'blackhole', protocol: 'bird', origin: POOL }),
      route(parts.other.block, {
        via: parts.other.address,
        dev: 'tunl0',
        onlink: true,
        protocol: 'bird',
        origin: POOL,
      }),
    ],
    sysctls: { 'net.ipv4.conf.cali1.proxy_arp': '1', 'net.ipv4.neigh.cali1.proxy_delay': '0' },
  })
}

const ONE = { address: '192.168.0.1', block: '10.1.0.0/26' }
const TWO = { address: '192.168.0.2', block: '10.1.0.64/26' }

export const TWO_NODES: Network = networkOf(
  [
    pod('a', POD_A, '02:00:00:00:0a:00'),
    node('n1', { ...ONE, mac: '02:00:00:00:01:00', pod: POD_A, tunnel: '10.1.0.1', other: TWO }),
    node('n2', { ...TWO, mac: '02:00:00:00:02:00', pod: POD_B, tunnel: '10.1.0.65', other: ONE }),
    pod('b', POD_B, '02:00:00:00:0b:00'),
  ],
  [cable(['a', 'eth0'], ['n1', 'cali1']), cable(['b', 'eth0'], ['n2', 'cali1']), cable(['n1', 'eth0'], ['n2', 'eth0'])],
)

/** One ping, from a pod, all of it recorded, with what is wrong where it fails. */
export function pingTrace(network: Network, options: Partial<PingOptions> = {}, to: string = POD_B): Trace {
  const recorder = new Recorder()
  const simulation = new Simulation(network, { seed: 1, recorder })
  const destination = parseIp(to) as Ip
  new Ping(simulation.netns('a'), { count: 1, ident: 7, ...options, destination }).start()
  simulation.run(20e9)
  return judged(traceOf(recorder, network, { title: `ping ${to}`, from: 'a' }), factsOf(network, [], null))
}
