// What a user changes by hand on a machine, and who puts it back when.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import type { LogEntry } from '../../src/timeline/index.ts'
import { runs } from '../properties/run.ts'

const node = (name: string, address: string, kubelet = 'v1.30.1'): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}, status: {nodeInfo: {kubeletVersion: ${kubelet}}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${name}}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const pool = (ipip: string, vxlan = 'Never'): string =>
  `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16, ipipMode: ${ipip}, vxlanMode: ${vxlan}}}`
const felix = (spec: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: FelixConfiguration, metadata: {name: default}, spec: {${spec}}}`
const info = (version: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: ClusterInformation, metadata: {name: default}, spec: {calicoVersion: ${version}}}`
const SERVICE =
  '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {clusterIP: 10.96.0.9, ports: [{port: 80}], selector: {app: b}}}'

const open = (pools = pool('Never'), ...more: string[]): Lab =>
  Lab.load(
    [
      ...(more.some((one) => one.includes('kind: Node')) ? [] : [node('node1', '192.168.0.1')]),
      node('node2', '192.168.0.2'),
      pools,
      pod('a', 'node1'),
      pod('b', 'node2'),
      SERVICE,
      ...more,
    ].join('\n---\n'),
    { delays: 'calico' },
  )

const SECOND = 1e9
const back = (lab: Lab): readonly LogEntry[] => lab.log.filter(({ resync }) => resync === true)
/** Who put something back, and after how many seconds at most. */
const putBack = (lab: Lab): readonly [actor: string, seconds: number][] => {
  const from = lab.simulation.clock.now
  lab.quiet()
  return back(lab).map(({ actor, at }) => [actor, (at - from) / SECOND])
}

const FLUSH = 'iptables -t filter -F; iptables -t nat -F'

describe('what a user changes by hand', () => {
  it.each<{ what: string; line: string; of?: Lab; by: string; within: [number, number] }>([
    { what: 'the route to a pod', line: 'ip route del 10.0.166.128', by: 'felix', within: [0, 90] },
    {
      what: 'the same where FelixConfiguration says so',
      of: open(pool('Never'), felix('routeRefreshInterval: 20s')),
      line: 'ip route del 10.0.166.128',
      by: 'felix',
      within: [0, 20],
    },
    {
      what: 'a route of others by the end of a pod',
      line: 'ip route add 10.9.9.9 dev CALI',
      by: 'felix',
      within: [0, 90],
    },
    { what: 'the neighbour of a pod', line: 'ip neigh flush all nud permanent', by: 'felix', within: [0, 90] },
    { what: 'a route that BIRD learned', line: 'ip route flush proto bird', by: 'bird', within: [0, 2] },
    { what: 'a member of a set', line: 'ipset flush cali40all-ipam-pools', by: 'felix', within: [0, 90] },
    {
      what: 'the same, of an older Calico',
      of: open(pool('Never'), info('v3.28.0')),
      line: 'ipset flush cali40all-ipam-pools',
      by: 'felix',
      within: [0, 10],
    },
    { what: 'a chain of Felix', line: 'iptables -F cali-FORWARD', by: 'felix', within: [0, 180] },
    {
      what: 'the same, of an older Calico',
      of: open(pool('Never'), info('v3.28.0')),
      line: 'iptables -F cali-FORWARD',
      by: 'felix',
      within: [0, 90],
    },
    { what: 'a jump to it', line: 'iptables -D FORWARD 1', by: 'felix', within: [0, 180] },
    { what: 'a chain of kube-proxy', line: 'iptables -t nat -F KUBE-SERVICES', by: 'kube-proxy', within: [0, 3600] },
    {
      what: 'the same, with the chain that it watches',
      line: 'iptables -t nat -F KUBE-SERVICES; iptables -t nat -X KUBE-PROXY-CANARY',
      by: 'kube-proxy',
      within: [0, 30],
    },
    {
      what: 'the same, of a kube-proxy that watches none',
      of: open(pool('Never'), node('node1', '192.168.0.1', 'v1.15.3')),
      line: 'iptables -t nat -F KUBE-SERVICES',
      by: 'kube-proxy',
      within: [0, 30],
    },
    {
      what: 'the MTU of a tunnel',
      of: open(pool('Never', 'Always')),
      line: 'ip link set vxlan.calico mtu 1300',
      by: 'felix',
      within: [0, 10],
    },
    {
      what: 'a tunnel, and with it its neighbours and forwarding entries, in their time',
      of: open(pool('Never', 'Always')),
      line: 'ip link del vxlan.calico',
      by: 'felix',
      within: [0, 90],
    },
    {
      what: 'the module of tunl0',
      of: open(pool('Always')),
      line: 'modprobe -r ipip',
      by: 'felix kernel bird',
      within: [0, 12],
    },
  ])('$what: $by puts it back', ({ line, of = open(), by, within: [low, high] }) => {
    const cali = /cali\w+/.exec(of.sh('node1', 'ip route').stdout)![0]
    const { stderr } = of.sh('node1', line.replace('CALI', cali))
    expect(stderr).toBe('')
    expect(of.log).not.toEqual([])
    expect(of.isQuiet).toBe(false)
    const done = putBack(of)
    expect([...new Set(done.map(([actor]) => actor))].join(' ')).toBe(by)
    for (const [, seconds] of done) {
      expect(seconds).toBeGreaterThan(low)
      expect(seconds).toBeLessThanOrEqual(high)
    }
    expect(of.network).toBe(of.cluster?.network)
  })

  it.each([
    ['a route by a card', 'ip route add 1.0.0.0/8 dev eth0'],
    ['a sysctl of the machine', 'sysctl -w net.ipv4.ip_forward=0'],
    ['a chain of others', 'iptables -N MINE'],
    ['a rule between those of Felix', 'iptables -I FORWARD 2 -j ACCEPT'],
    ['an address of a card', 'ip addr add 1.2.3.4/24 dev eth0'],
  ])('%s nobody puts back', (_, line) => {
    const lab = open()
    lab.sh('node1', line)
    expect(lab.log).not.toEqual([])
    expect(lab.isQuiet).toBe(true)
  })

  it('and Felix wrote, but for sysctls of its own when it starts', () => {
    const lab = open()
    lab.sh('node1', 'sysctl -w net.ipv4.ip_forward=0')
    lab.occur({ kind: 'agent', agent: 'felix', node: 'node1', action: 'restart' }).quiet()
    expect(lab.sh('node1', 'sysctl -n net.ipv4.ip_forward').stdout).toBe('1\n')
    expect(back(lab)).toContainEqual(
      expect.objectContaining({ actor: 'felix', event: 1, thing: 'sysctl', what: 'net.ipv4.ip_forward = 1' }),
    )
  })

  it('stays while nobody runs who would put it back', () => {
    const lab = open()
    lab.occur({ kind: 'agent', agent: 'felix', node: 'node1', action: 'stop' }).quiet()
    lab.sh('node1', 'ip route del 10.0.166.128')
    expect(lab.isQuiet).toBe(true)
    lab.occur({ kind: 'agent', agent: 'felix', node: 'node1', action: 'start' })
    const from = lab.simulation.clock.now
    lab.quiet()
    expect(back(lab)).toMatchObject([{ actor: 'felix', op: 'add', thing: 'route', event: 2 }])
    expect((back(lab)[0]!.at - from) / SECOND).toBeLessThan(4)
  })

  it('stays where nothing takes time', () => {
    const lab = Lab.load([node('node1', '192.168.0.1'), pool('Never'), pod('a', 'node1')].join('\n---\n'))
    lab.sh('node1', 'ip route del 10.0.166.128').stderr
    expect(lab.isQuiet).toBe(true)
  })

  it('is put back with the number of the event that it was', () => {
    const lab = open()
    lab.sh('node1', 'ip route add 1.0.0.0/8 dev eth0')
    lab.sh('node1', 'ip route del 10.0.166.128')
    lab.sh('node1', 'iptables -F cali-FORWARD')
    lab.quiet()
    expect(back(lab).map(({ thing, event }) => [thing, event])).toEqual(
      expect.arrayContaining([
        ['route', 2],
        ['chain', 3],
      ]),
    )
    expect(lab.sh('node1', 'ip route').stdout).toContain('1.0.0.0/8 dev eth0')
  })

  it('of routes by an interface that went down, as soon as it is up again', () => {
    const lab = open()
    const cali = /cali\w+/.exec(lab.sh('node1', 'ip route').stdout)![0]
    lab.sh('node1', `ip link set ${cali} down`)
    expect(lab.sh('node1', 'ip route').stdout).not.toContain('10.0.166.128 ')
    lab.sh('node1', `ip link set ${cali} up`)
    lab.wait(0.1)
    expect(lab.sh('node1', 'ip route').stdout).toContain(`10.0.166.128 dev ${cali} scope link metric 1024`)
  })

  it('and takes back again is nobody’s to put back', () => {
    const lab = open()
    const saved = lab.snapshot()
    lab.sh('node1', 'ip route del 10.0.166.128')
    lab.restore(saved)
    expect(lab.isQuiet).toBe(true)
  })

  it('whatever it is, comes to rest: nobody puts back for ever', () => {
    const lines = [
      'ip route flush table main',
      'ip route del 10.0.166.128',
      FLUSH,
      'iptables -X',
      'iptables -t nat -X',
      'iptables -I FORWARD -j ACCEPT',
      'iptables -A INPUT -j DROP',
      'ipset flush',
      'ip link set eth0 down',
      'ip link set vxlan.calico down',
      'ip link del vxlan.calico',
      'ip addr flush dev vxlan.calico',
      'ip neigh flush all',
      'bridge fdb flush dev vxlan.calico',
      'sysctl -w net.ipv4.ip_forward=0',
      'ip rule add from 1.2.3.4 lookup 7',
    ]
    const one = fc.constantFrom(...lines)
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), (typed) => {
        const lab = open(pool('Never', 'Always'))
        for (const line of typed) lab.sh('node1', line).stdout
        lab.quiet()
        expect(lab.simulation.clock.now / SECOND).toBeLessThan(2 * 3600)
        const chains = lab.network.namespaces['node1']!.iptables!.tables.filter!.chains
        const wanted = lab.cluster!.network.namespaces['node1']!.iptables!.tables.filter!.chains
        expect(Object.keys(chains).filter((name) => name.startsWith('cali-'))).toEqual(
          Object.keys(wanted).filter((name) => name.startsWith('cali-')),
        )
      }),
      runs(15),
    )
  })
})
