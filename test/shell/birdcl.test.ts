// What BIRD of a node says: sessions, and its table. The forms are those of BIRD 1.6.8, compared with a real one.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'

const cluster = (version: string, mode: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: calico-config, namespace: kube-system }
data: { calico_backend: bird }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: calico-node, namespace: kube-system }
spec:
  selector: { matchLabels: { k8s-app: calico-node } }
  template:
    metadata: { labels: { k8s-app: calico-node } }
    spec: { containers: [{ name: calico-node, image: "docker.io/calico/node:${version}" }] }
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: { name: pool }
spec: { cidr: 10.244.0.0/16, ${mode}, natOutgoing: true }
${[1, 2, 3]
  .map(
    (n) => `---
apiVersion: v1
kind: Node
metadata: { name: n${n} }
spec: {}
status: { addresses: [{ type: InternalIP, address: 10.0.0.${n} }] }
---
apiVersion: v1
kind: Pod
metadata: { name: p${n} }
spec: { nodeName: n${n} }
`,
  )
  .join('')}`

const shellOf = (text: string): Shell => new Shell(Lab.load(text), 'n1')
const plain = shellOf(cluster('v3.26.0', 'ipipMode: Never'))
const said = (shell: Shell, line: string): string[] => shell.execute(line).stdout.split('\n').slice(1, -1)
const block = (shell: Shell, node: string): string =>
  shell.lab.cluster?.destinations.find((one) => one.owner === node)?.dst ?? ''

describe('birdcl show protocols', () => {
  it('lists what is configured, in order, with the state of each session', () => {
    expect(plain.execute('birdcl show protocols').stdout).toBe(
      [
        'BIRD v0.3.3+birdv1.6.8 ready.',
        'name     proto    table    state  since       info',
        'static1  Static   master   up     00:00:00    ',
        'kernel1  Kernel   master   up     00:00:00    ',
        'device1  Device   master   up     00:00:00    ',
        'direct1  Direct   master   up     00:00:00    ',
        'Mesh_10_0_0_2 BGP      master   up     00:00:00    Established   ',
        'Mesh_10_0_0_3 BGP      master   up     00:00:00    Established   ',
        '',
      ].join('\n'),
    )
  })

  it('all: what went over a session', () => {
    expect(said(plain, 'birdcl show protocols all Mesh_10_0_0_2')).toEqual([
      'name     proto    table    state  since       info',
      'Mesh_10_0_0_2 BGP      master   up     00:00:00    Established   ',
      '  Preference:     100',
      '  Input filter:   ACCEPT',
      '  Output filter:  (unnamed)',
      '  Routes:         1 imported, 1 exported, 1 preferred',
      '  Route change stats:     received   rejected   filtered    ignored   accepted',
      '    Import updates:              1          0          0          0          1',
      '    Import withdraws:            0          0        ---          0          0',
      '    Export updates:              6          2          3        ---          1',
      '    Export withdraws:            0        ---        ---        ---          0',
      '  BGP state:          Established',
      '    Neighbor address: 10.0.0.2',
      '    Neighbor AS:      64512',
      '    Neighbor ID:      10.0.0.2',
      '    Neighbor caps:    refresh enhanced-refresh restart-able llgr-aware AS4 add-path-rx add-path-tx',
      '    Session:          internal multihop AS4 add-path-rx add-path-tx',
      '    Source address:   10.0.0.1',
      '    Hold timer:       240/240',
      '    Keepalive timer:  80/80',
      '',
    ])
  })

  it('a session over which TCP 179 does not pass is not up, and brings nothing', () => {
    const shell = shellOf(`${cluster('v3.26.0', 'ipipMode: Never')}
---
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: { name: nobody }
spec: { peerIP: 10.0.0.77, asNumber: 65000 }
`)
    expect(shell.execute('birdcl show protocols | grep 77').stdout).toBe(
      'Global_10_0_0_77 BGP      master   start  00:00:00    Active        \n',
    )
    expect(said(shell, 'birdcl show route protocol Global_10_0_0_77')).toEqual([])
    expect(said(shell, 'birdcl show route protocol Mesh_10_0_0_2')).toHaveLength(1)
  })

  it.each([
    ['birdcl show protocols Nope', 'Nope is not a protocol'],
    ['birdcl show protocols "Mesh_9*"', 'No protocols match'],
    ['birdcl show nonsense', "No such command. Press `?' for help."],
    ['birdcl nonsense', "No such command. Press `?' for help."],
    ['birdcl show route for 1.2.3', 'syntax error'],
    ['birdcl show route protocol Nope', 'Nope is not a protocol'],
    ['birdcl show route table t', 't is not a table'],
    ['birdcl show route for 203.0.113.1 count', '1 of 1 routes for 1 networks'],
    ['birdcl restart Mesh_10_0_0_2', 'Mesh_10_0_0_2: restarted'],
    ['birdcl enable all | grep direct', 'direct1: already enabled'],
  ])('%s', (line, words) => {
    const { stdout } = plain.execute(line)
    expect(stdout.split('\n').at(-2)).toBe(words)
  })

  it.each([
    ['birdcl disable Mesh_10_0_0_2'],
    ['birdcl show memory'],
    ['birdcl down'],
    ['birdcl show route where net = 1'],
    ['birdcl'],
  ])('names what it does not do: %s', (line) => {
    expect(plain.execute(line)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('packetwalk: birdcl') })
  })

  it.each([
    ['birdcl -s /var/run/calico/bird.ctl show status', 0],
    ['birdcl -s /tmp/else.sock show status', 1],
  ])('%s', (line, exitCode) => {
    expect(plain.execute(line)).toMatchObject({ exitCode })
  })
})

describe('birdcl show route', () => {
  it('has own blocks, subnets, what Felix wrote, and what peers told', () => {
    const [own, second] = [block(plain, 'n1'), block(plain, 'n2')]
    const table = said(plain, 'birdcl show route')
    expect(table).toContain('10.0.0.0/24        dev eth0 [direct1 00:00:00] * (240)')
    expect(table).toContain(`${own.padEnd(18)} blackhole [static1 00:00:00] * (200)`)
    expect(table).toContain(`${second.padEnd(18)} via 10.0.0.2 on eth0 [Mesh_10_0_0_2 00:00:00] * (100/0) [i]`)
    expect(table.filter((line) => / dev cali.* \[kernel1 /.test(line))).toHaveLength(1)
  })

  it('for an address: the longest prefix, with what BGP says of it', () => {
    const second = block(plain, 'n2')
    expect(said(plain, `birdcl show route for ${second.split('/')[0]} all`)).toEqual([
      `${second.padEnd(18)} via 10.0.0.2 on eth0 [Mesh_10_0_0_2 00:00:00] * (100/0) [i]`,
      '\tType: BGP unicast univ',
      '\tBGP.origin: IGP',
      '\tBGP.as_path: ',
      '\tBGP.next_hop: 10.0.0.2',
      '\tBGP.local_pref: 100',
    ])
  })

  it('export: the own block, and nothing else', () => {
    const own = block(plain, 'n1')
    expect(said(plain, 'birdcl show route export Mesh_10_0_0_2')).toEqual([
      `${own.padEnd(18)} blackhole [static1 00:00:00] * (200)`,
    ])
  })

  it('learns a route that somebody wrote by hand, and no longer once it is gone', () => {
    const shell = shellOf(cluster('v3.26.0', 'ipipMode: Never'))
    shell.execute('ip route add 10.9.0.0/16 via 10.0.0.3')
    expect(said(shell, 'birdcl show route for 10.9.1.1 all')).toEqual([
      '10.9.0.0/16        via 10.0.0.3 on eth0 [kernel1 00:00:00] * (10)',
      '\tType: inherit unicast univ',
      '\tKernel.source: 3',
      '\tKernel.metric: 0',
    ])
    shell.execute('ip route del 10.9.0.0/16')
    expect(said(shell, 'birdcl show route for 10.9.1.1')).not.toContain('10.9.0.0/16')
  })

  it('a next hop behind no subnet is unreachable', () => {
    const shell = shellOf(cluster('v3.26.0', 'ipipMode: Never'))
    shell.execute('ip addr del 10.0.0.1/24 dev eth0')
    const second = block(shell, 'n2')
    expect(said(shell, `birdcl show route ${second}`)).toEqual([
      `${second.padEnd(18)} unreachable [Mesh_10_0_0_2 00:00:00 from 10.0.0.2] * (100/-) [i]`,
    ])
  })
})

describe('where BIRD does not run', () => {
  it.each(['birdcl show protocols', 'birdcl6 show route'])('%s finds no socket', (line) => {
    const text = cluster('v3.26.0', 'vxlanMode: Always').replace('calico_backend: bird', 'calico_backend: vxlan')
    const shell = shellOf(text.replace('image: ', 'env: [{ name: CALICO_NETWORKING_BACKEND, value: vxlan }], image: '))
    expect(shell.execute(line)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^Unable to connect to server control socket \(\/var\/run\/calico\/bird6?\.ctl\)/),
    })
  })
})
