import type { Draft } from 'immer'
import { describe, expect, it } from 'vitest'
import { Recorder, Simulation } from '../../src/dataplane/index.ts'
import { ipRoute } from '../../src/linux/index.ts'
import type { Network, NetworkData, Origin } from '../../src/model/index.ts'
import { Inject } from '../../src/programs/inject.ts'
import { hopsOf, traceOf } from '../../src/trace/index.ts'
import { arp, ethernet, frame, type Ipv4, type Mac } from '../../src/wire/index.ts'
import { clusterLab } from '../diagnose/small-cluster.ts'
import { POD_A, POD_B, pingTrace, TWO_NODES } from './two-nodes.ts'

/** Two nodes, one interface of the second down. */
function withDown(dev: string): Network {
  return TWO_NODES.edit((draft) => {
    draft.namespaces['n2']!.interfaces[dev]!.up = false
  })
}

describe('a ping between pods of two nodes', () => {
  const trace = pingTrace(TWO_NODES)

  it('is answered, by the way there and back', () => {
    expect(trace.disposition).toMatchObject({ kind: 'answered', by: 'b' })
    expect(trace.ok).toBe(true)
    expect(trace.summary).toBe(
      'b answered a after 0.016 ms. The request went a → n1 → n2 → b, inside ipip, 2 routed hops; the reply took the same way back.',
    )
    expect(trace.nodes.map((node) => node.name)).toEqual(['a', 'n1', 'n2', 'b'])
  })

  it('says which route won, by which rule and table, and why the runner-up lost', () => {
    const [route] = hopsOf(trace, 'route', 'n1').filter((hop) => hop.destination === POD_B)
    expect(route?.reason).toBe(
      `${POD_B} goes via 192.168.0.2 out of tunl0 by route 10.1.0.64/26 (table main, rule 32766); default via 192.168.0.254 dev eth0 lost: its prefix /0 is shorter`,
    )
    expect(route?.candidates.map(({ won, why }) => [won, why])).toEqual([
      [true, 'the longest prefix, then the lowest metric'],
      [false, 'its prefix /0 is shorter'],
    ])
    const [own] = hopsOf(trace, 'route', 'a')
    expect(own?.candidates.map(({ won, why }) => [won, why])).toEqual([
      [true, 'the only route of its table that contains the destination'],
    ])
  })

  it('lists the namespaces in the order of the way, and those that only heard a question behind them', () => {
    const { nodes } = clusterLab().ping('default/a', 'default/b').trace
    expect(nodes.map(({ name }) => name)).toEqual(['default/a', 'n1', 'switch-lan1', 'n2', 'default/b', 'router'])
  })

  it.each([
    ['all devices up', TWO_NODES],
    ['the far end of the cable down', withDown('eth0')],
    ['a pod that is down', withDown('cali1')],
  ])('prints routes and their rivals as `ip route show table all` does: %s', (_name, network) => {
    const hops = hopsOf(pingTrace(network), 'route')
    expect(hops.length).toBeGreaterThan(0)
    for (const hop of hops) {
      const lines = ipRoute({ network, ns: network.namespaces[hop.netns]! }, { table: 'all' }).split('\n')
      const known = lines.map((line) => line.trimEnd())
      for (const text of [...(hop.route === undefined ? [] : [hop.route]), ...hop.candidates.map((one) => one.text)])
        expect(known).toContain(text)
    }
  })

  it('says `linkdown` of a route whose cable is dead', () => {
    const network = withDown('eth0')
    const texts = hopsOf(pingTrace(network), 'route', 'n1').map((hop) => hop.route)
    expect(texts).toContain('192.168.0.0/24 dev eth0 proto kernel scope link src 192.168.0.1 linkdown')
  })

  it('names the origin of the route', () => {
    const [route] = hopsOf(trace, 'route', 'n1').filter((hop) => hop.destination === POD_B)
    const origin: Origin | undefined = route?.facts.find((fact) => fact.kind === 'route')?.origin
    expect(origin).toEqual({
      component: 'bird',
      object: 'IPPool/default',
      field: 'spec.ipipMode',
      file: 'cluster.yaml',
      line: 12,
    })
  })

  it('says who answered ARP for 169.254.1.1, and why', () => {
    const [answer] = hopsOf(trace, 'arp', 'n1').filter((hop) => hop.target === '169.254.1.1')
    expect(answer?.answered).toBe(true)
    expect(answer?.reason).toContain('proxy_arp is on and it reaches 169.254.1.1 by another interface, eth0')
    expect(answer?.facts.map((fact) => fact.text)).toContain('net.ipv4.conf.cali1.proxy_arp = 1')
  })

  it('says which rule of encapsulation chose the outer header', () => {
    const [encap] = hopsOf(trace, 'encap', 'n1')
    expect(encap?.reason).toBe(
      'ipip: outer destination 192.168.0.2: gateway of the route; TTL 63 from the inner packet (ttl inherit), TOS from the inner packet, DF from the inner packet',
    )
    expect(encap).toMatchObject({ overhead: 20, source: '192.168.0.1', destination: '192.168.0.2' })
  })

  it('gives the looked-up route to the packet that was made for it', () => {
    const [first] = hopsOf(trace, 'route', 'a')
    expect(first?.packet).toBe(trace.exchanges[0]?.request)
  })

  it('tells changes as named differences', () => {
    const [out] = hopsOf(trace, 'tx', 'n1').filter((hop) => hop.dev === 'eth0' && hop.line.includes('echo request'))
    expect(out?.changes).toContainEqual({
      kind: 'pushed',
      layer: 'ipv4',
      text: '192.168.0.1 > 192.168.0.2 ttl 63 DF protocol 4 (IPIP)',
    })
    const [tunnel] = hopsOf(trace, 'tx', 'n1').filter((hop) => hop.dev === 'tunl0')
    expect(tunnel?.changes).toContainEqual({
      kind: 'field',
      layer: 'ipv4',
      field: 'ttl',
      from: '64',
      to: '63',
      derived: false,
    })
  })

  it('keeps every rule of traces', () => {
    expect(trace.faults).toEqual([])
    expect(trace.packets.filter((packet) => packet.end === 'in flight')).toEqual([])
  })

  it('knows the parts packets play', () => {
    const roles = trace.packets.map((packet) => packet.role)
    expect(roles.filter((role) => role === 'request')).toHaveLength(1)
    expect(roles.filter((role) => role === 'reply')).toHaveLength(1)
    expect(roles.filter((role) => role === 'other')).toHaveLength(0)
  })
})

describe('fragments', () => {
  it('belong to the datagram they are cut from, which is answered as one', () => {
    const trace = pingTrace(TWO_NODES, { size: 3000, pmtudisc: 'dont' })
    expect(trace.disposition).toMatchObject({ kind: 'answered', by: 'b' })
    expect(trace.exchanges).toHaveLength(1)
    expect(trace.packets[0]?.end).toBe('fragmented')
    expect(trace.faults).toEqual([])
    expect(trace.summary).toContain('a → n1 → n2 → b, inside ipip')
  })
})

describe('somebody who only asks who has an address', () => {
  /** An ARP request from eth0 of a namespace of a cluster behind switches, and what came of it. */
  function asked(from: string, sender: string, target: string, mac: Mac, network: Network): object {
    const recorder = new Recorder()
    const simulation = new Simulation(network, { seed: 1, recorder })
    const request = frame(
      ethernet({ source: mac, destination: 'ff:ff:ff:ff:ff:ff' as Mac }),
      arp({
        operation: 1,
        senderHardware: mac,
        senderProtocol: sender as Ipv4,
        targetHardware: '00:00:00:00:00:00' as Mac,
        targetProtocol: target as Ipv4,
      }),
    )
    new Inject(simulation.netns(from), 'eth0', [request]).start()
    simulation.run(5e9)
    return traceOf(recorder, network, { title: 'arping', from }).disposition
  }

  const { network } = clusterLab()
  const macOf = (name: string): Mac => network.namespaces[name]!.interfaces['eth0']!.mac as Mac

  it.each([
    ['a pod, of its gateway', 'default/a', '192.168.1.2', '169.254.1.1', { kind: 'answered', by: 'n1' }],
    ['a node, of another one behind a switch', 'n1', '10.2.0.11', '10.2.0.12', { kind: 'answered', by: 'n2' }],
    [
      'a node, of nobody',
      'n1',
      '10.2.0.11',
      '10.2.0.99',
      {
        kind: 'no-answer',
        why: 'router does not answer 10.2.0.11, who asks for 10.2.0.99: not its address, and it does not answer for others here',
      },
    ],
  ])('%s', (_who, from, sender, target, disposition) => {
    expect(asked(from, sender, target, macOf(from), network)).toMatchObject(disposition)
  })

  it('a node on a wire that is unplugged', () => {
    const alone = network.edit((draft) => {
      draft.wires = draft.wires.filter(({ ends }) => !ends.some(({ netns }) => netns === 'n1'))
    })
    expect(asked('n1', '10.2.0.11', '10.2.0.12', macOf('n1'), alone)).toMatchObject({
      kind: 'dropped',
      netns: 'n1',
      dev: 'eth0',
    })
  })
})

type Recipe = (draft: Draft<NetworkData>) => void

/** Ways to break the network; the first cause and what would be right must be named. */
const BREAKAGES: readonly {
  readonly name: string
  readonly recipe: Recipe
  readonly disposition: object
  readonly says: RegExp
  readonly to?: string
  readonly options?: object
}[] = [
  {
    name: 'proxy ARP off at the sender’s node',
    recipe: (net) => {
      net.namespaces['n1']!.sysctls['net.ipv4.conf.cali1.proxy_arp'] = '0'
    },
    disposition: { kind: 'error', type: 3, code: 1, from: POD_A },
    says: /n1 cali1 must answer for 169\.254\.1\.1: net\.ipv4\.conf\.cali1\.proxy_arp should be 1/,
  },
  {
    name: 'proxy ARP off at the receiver’s node: the reply is lost',
    recipe: (net) => {
      net.namespaces['n2']!.sysctls['net.ipv4.conf.cali1.proxy_arp'] = '0'
    },
    disposition: { kind: 'dropped', cause: 'neighbour_failed', netns: 'b', role: 'reply' },
    says: /The reply was dropped in b .*n2 cali1 must answer for 169\.254\.1\.1/,
  },
  {
    name: 'proxy ARP on, but no default route to make it answer',
    recipe: (net) => {
      net.namespaces['n1']!.routes = net.namespaces['n1']!.routes.filter((route) => route.dst !== '0.0.0.0/0')
    },
    disposition: { kind: 'error', type: 3, code: 1 },
    says: /answers for 169\.254\.1\.1 only if it has a route to it by another interface/,
  },
  {
    name: 'forwarding off',
    recipe: (net) => {
      net.namespaces['n2']!.sysctls['net.ipv4.conf.tunl0.forwarding'] = '0'
    },
    disposition: { kind: 'dropped', cause: 'not_forwarding', netns: 'n2', dev: 'tunl0' },
    says: /Set net\.ipv4\.conf\.tunl0\.forwarding/,
  },
  {
    name: 'nobody has the address: the blackhole of the block',
    recipe: () => {},
    to: '10.1.0.100',
    disposition: { kind: 'dropped', cause: 'route_blackhole', netns: 'n2' },
    says: /blackhole 10\.1\.0\.64\/26 proto bird \(bird, IPPool\/default spec\.ipipMode \(cluster\.yaml:12\)\).*no pod with this address/,
  },
  {
    name: 'the pod’s veth is down: the more specific route is not used',
    recipe: (net) => {
      net.namespaces['n2']!.interfaces['cali1']!.up = false
    },
    disposition: { kind: 'dropped', cause: 'route_blackhole', netns: 'n2' },
    says: /10\.1\.0\.66 dev cali1 .* would lead there, but its device cali1 is down/,
  },
  {
    name: 'reverse path filter',
    recipe: (net) => {
      const two = net.namespaces['n2']!
      two.sysctls['net.ipv4.conf.tunl0.rp_filter'] = '1'
      two.routes = two.routes.filter((route) => route.dst !== '10.1.0.0/26')
    },
    disposition: { kind: 'dropped', cause: 'rp_filter', netns: 'n2', dev: 'tunl0' },
    says: /came in by tunl0, but a reply would leave by eth0.*rp_filter = 1.*Make the route back to the source leave by tunl0/,
  },
  {
    name: 'the tunnel is down at the other end',
    recipe: (net) => {
      net.namespaces['n2']!.interfaces['tunl0']!.up = false
    },
    disposition: { kind: 'dropped', cause: 'tunnel_none', netns: 'n2' },
    says: /tunl0 is down in n2/,
  },
  {
    name: 'TTL too small',
    recipe: () => {},
    options: { ttl: 1 },
    disposition: { kind: 'error', type: 11, code: 0, from: '192.168.0.1' },
    says: /time to live exceeded in transit.*needs a larger TTL/,
  },
  {
    name: 'too long and DF set',
    recipe: () => {},
    options: { size: 1472, pmtudisc: 'do' },
    disposition: { kind: 'error', type: 3, code: 4, from: '192.168.0.1' },
    says: /fragmentation needed and DF set.*pods behind a tunnel need its overhead taken off their MTU/,
  },
  {
    name: 'no route to the other node’s block',
    recipe: (net) => {
      net.namespaces['n1']!.routes = net.namespaces['n1']!.routes.filter((route) => route.dst !== '10.1.0.64/26')
    },
    disposition: { kind: 'error', type: 3, code: 1, from: '192.168.0.1' },
    says: /192\.168\.0\.254 on eth0/,
  },
  {
    name: 'the pod has no default route',
    recipe: (net) => {
      net.namespaces['a']!.routes = net.namespaces['a']!.routes.filter((route) => route.dst !== '0.0.0.0/0')
    },
    disposition: { kind: 'not-sent', why: `no route to ${POD_B} in any table` },
    says: /Nothing was sent: no route/,
  },
  {
    name: 'the pod does not answer pings',
    recipe: (net) => {
      net.namespaces['b']!.sysctls['net.ipv4.icmp_echo_ignore_all'] = '1'
    },
    disposition: { kind: 'no-answer', why: 'the request was delivered in b, which sent no answer' },
    says: /No answer/,
  },
]

describe.each(BREAKAGES)('$name', ({ recipe, disposition, says, to, options }) => {
  const trace = pingTrace(TWO_NODES.edit(recipe), options, to)

  it('fails in the right place for the right cause', () => {
    expect(trace.disposition).toMatchObject(disposition)
    expect(trace.ok).toBe(false)
  })

  it('says why, and what would be right', () => {
    expect(trace.summary).toMatch(says)
  })

  it('keeps every rule of traces', () => {
    expect(trace.faults).toEqual([])
  })
})
