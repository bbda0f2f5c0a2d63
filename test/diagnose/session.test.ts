// A route that BIRD would have learned is missing since TCP 179 is filtered: the filter is named, with its place and the
// command that shows it, whoever filters: a segment, a router, the firewall of a dumped machine.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import type { Finding } from '../../src/model/index.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'

const pods = ['a', 'b']
  .map(
    (name, i) =>
      `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: default}\nspec: {nodeName: n${i + 1}}\nstatus: {podIPs: [{ip: 10.244.${i + 1}.2}, {ip: "fd00:10:0:${i + 1}::2"}]}\n`,
  )
  .join('')
const nodes = (spread: boolean): string =>
  [1, 2]
    .map((i) => {
      const address = (spread ? [`10.0.${i}.1${i}`, `fd0e:${i}::1${i}`] : [`10.0.1.1${i}`, `fd0e:1::1${i}`]) as [
        string,
        string,
      ]
      const annotations = `{projectcalico.org/IPv4Address: ${address[0]}/24, projectcalico.org/IPv6Address: "${address[1]}/64"}`
      return `---\napiVersion: v1\nkind: Node\nmetadata: {name: n${i}, annotations: ${annotations}}\nstatus: {addresses: [{type: InternalIP, address: ${address[0]}}]}\n`
    })
    .join('')
const POOLS =
  '---\napiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: four}\nspec: {cidr: 10.244.0.0/16, ipipMode: Always}\n---\napiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: six}\nspec: {cidr: "fd00:10::/32"}\n'

const card = (i: number, segment: string, net: number): string =>
  `  - {name: n${i}, interfaces: [{name: eth0, segment: ${segment}, addresses: [10.0.${net}.1${i}/24, "fd0e:${net}::1${i}/64"]}]}\n`
const head = 'apiVersion: packetwalk/v1\nkind: Underlay\nmetadata: {name: u}\nspec:\n'

/** Two nodes on one segment, or with a router between, and a filter there. */
function filtered(filter: string, isRouted: boolean): Lab {
  const text = isRouted
    ? `${head}  segments:
  - {name: a, cidrs: [10.0.1.0/24, "fd0e:1::/64"], gateways: [10.0.1.1, "fd0e:1::1"]}
  - {name: b, cidrs: [10.0.2.0/24, "fd0e:2::/64"], gateways: [10.0.2.1, "fd0e:2::1"]}
  routers:
  - name: core
    interfaces:
    - {name: a, segment: a, addresses: [10.0.1.1/24, "fd0e:1::1/64"]}
    - {name: b, segment: b, addresses: [10.0.2.1/24, "fd0e:2::1/64"]}
    filters:
    - ${filter}
  nodes:
${card(1, 'a', 1)}${card(2, 'b', 2)}`
    : `${head}  segments:
  - name: lan
    cidrs: [10.0.1.0/24, "fd0e:1::/64"]
    gateways: [10.0.1.1]
    filters:
    - ${filter}
  nodes:
${card(1, 'lan', 1)}${card(2, 'lan', 1)}`
  return Lab.load([text, POOLS, nodes(isRouted), pods].join(''))
}

const asked = (lab: Lab, to = '10.244.2.2'): Finding => lab.ping('10.244.1.2', to).diagnosis[0] as Finding

describe.each([
  ['a segment', false, 'switch-lan', 'spec.segments.0.filters.0'],
  ['a router', true, 'core', 'spec.routers.0.filters.0'],
] as const)('a filter of %s', (_, isRouted, at, field) => {
  it.each([
    '{name: no bgp, protocol: tcp, port: 179}',
    '{name: no bgp, protocol: tcp, port: 1-1024}',
    '{name: no bgp, protocol: 6}',
  ])('%s is the cause of the missing session', (filter) => {
    const found = asked(filtered(filter, isRouted))
    expect(found).toMatchObject({ code: 'route_missing', netns: 'n1', by: 'bird' })
    expect(found.because).toMatch(
      new RegExp(`^the BGP session between n1 and n2 is not up .*: TCP 179 from .*: ${at} drops it: .*no bgp`),
    )
    expect(found.origin).toMatchObject({ object: 'Underlay/u', field, file: 'input', line: expect.any(Number) })
    expect(found.checks.filter((line) => /^(nc|tcpdump) /.test(line))).toHaveLength(3)
  })

  it('holds for the sessions of IPv6 alone', () => {
    const lab = filtered('{name: six, protocol: tcp, port: 179, source: "fd0e::/16"}', isRouted)
    expect(asked(lab, 'fd00:10:0:2::2').because).toMatch(/TCP 179 from fd0e:.*: .* drops it: .*six/)
    expect(lab.ping('default/a', '10.244.2.2').ok).toBe(true)
  })

  it('of something else is nobody’s fault', () => {
    expect(filtered('{protocol: tcp, port: 180}', isRouted).ping('default/a', '10.244.2.2').ok).toBe(true)
  })
})

const OBJECTS = [POOLS.slice(4), nodes(false), pods].join('')

/** Dumps of both nodes, after these lines. */
function dumped(lines: readonly string[], objects?: string): Lab {
  const real = Lab.load(OBJECTS)
  for (const line of ['n1$ ip route del 10.244.2.0/26', ...lines]) {
    const [at = '', command = ''] = line.split('$ ')
    const { exitCode, stderr } = real.sh(at, command)
    expect([line, exitCode, stderr]).toEqual([line, 0, ''])
  }
  return Lab.fromDumps(simulatedDumps(real, ['n1', 'n2']), objects === undefined ? {} : { objects })
}

const DROP = 'iptables -A INPUT -p tcp --dport 179 -j DROP'

describe('the firewall of a dumped machine', () => {
  it.each<[string, string[], RegExp, string]>([
    ['INPUT of the one that is asked', [`n1$ ${DROP}`], /n1 eth0: .*filter INPUT rule 2/, 'n1/iptables.txt'],
    [
      'INPUT of both',
      [`n1$ ${DROP}`, `n2$ ${DROP}`],
      /filter INPUT rule 2 matches: -p tcp -m tcp --dport 179 -j DROP/,
      'iptables.txt',
    ],
    [
      'OUTPUT of the one that asks',
      ['n2$ iptables -A OUTPUT -p tcp --dport 179 -j DROP'],
      /n2 eth0: .*filter OUTPUT rule 2/,
      'n2/iptables.txt',
    ],
    [
      'the answer',
      ['n1$ iptables -A OUTPUT -p tcp --sport 179 -j DROP'],
      /n1 eth0: .*filter OUTPUT rule 2/,
      'n1/iptables.txt',
    ],
    ['a policy', ['n1$ iptables -P INPUT DROP'], /n1 eth0: .*filter INPUT/, ''],
    ['a rejection', [`n1$ ${DROP.replace('DROP', 'REJECT')}`], /filter INPUT rule 2/, 'n1/iptables.txt'],
  ])('%s', (_name, lines, because, file) => {
    for (const objects of [undefined, OBJECTS]) {
      const found = asked(dumped(lines, objects))
      expect(found).toMatchObject({ code: 'route_missing', netns: 'n1', by: 'bird' })
      expect(found.because).toMatch(because)
      if (file !== '') expect(found.origin?.file).toContain(file)
      expect(found.checks.some((line) => /^iptables -t filter -nvL (INPUT|OUTPUT) /.test(line))).toBe(true)
    }
  })

  it('that lets it pass is not blamed, nor is a peering that is there called missing', () => {
    expect(asked(dumped([])).because).toBe('n1 has other routes of BIRD’s')
    const beside = asked(dumped([], OBJECTS))
    expect(beside.because).toBe('the objects make BGP sessions by which n1 would learn it, and it has not')
    expect(beside.checks).toEqual(
      expect.arrayContaining(['calicoctl node status   (on n1)', 'birdcl show protocols   (on n1)']),
    )
  })
})
