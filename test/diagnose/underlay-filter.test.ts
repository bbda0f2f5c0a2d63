// Filters of segments and routers: what they drop, what they let through, and what the answer says of it.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/index.ts'

const PODS = ['web', 'db'].map(
  (name, i) =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: default}\nspec: {nodeName: n${i + 1}}\n`,
)
const NODES = [1, 2].map((i) => `---\napiVersion: v1\nkind: Node\nmetadata: {name: n${i}}\n`)

/** Two nodes on one segment, or with a router between, with a filter and a pool. */
function lab(filters: string, pool: string, isRouted: boolean): Lab {
  const nodes = (segments: readonly string[]): string =>
    segments
      .map((segment, i) => {
        const addresses = `[10.0.${i + 1}.1${i + 1}/24, "fd00:${i + 1}::1${i + 1}/64"]`
        return `  - {name: n${i + 1}, interfaces: [{name: eth0, segment: ${segment}, addresses: ${addresses}}]}\n`
      })
      .join('')
  const routed = `  segments:
  - {name: a, cidrs: [10.0.1.0/24, "fd00:1::/64"], gateways: [10.0.1.1, "fd00:1::1"]}
  - {name: b, cidrs: [10.0.2.0/24, "fd00:2::/64"], gateways: [10.0.2.1, "fd00:2::1"]}
  routers:
  - name: r
    interfaces:
    - {name: a, segment: a, addresses: [10.0.1.1/24, "fd00:1::1/64"]}
    - {name: b, segment: b, addresses: [10.0.2.1/24, "fd00:2::1/64"]}
    filters: [${filters}]
  nodes:
${nodes(['a', 'b'])}`
  const flat = `  segments:
  - {name: lan, cidrs: [10.0.0.0/16, "fd00::/16"], gateways: [10.0.0.1], filters: [${filters}]}
  nodes:
${nodes(['lan', 'lan']).replaceAll('/24', '/16').replaceAll('/64', '/16')}`
  const underlay = `apiVersion: packetwalk/v1\nkind: Underlay\nmetadata: {name: u}\nspec:\n${isRouted ? routed : flat}`
  const pools = `---\napiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: 10.244.0.0/16, ${pool}}\n`
  return Lab.load([underlay, pools, ...NODES, ...PODS].join(''))
}

const IPIP = 'ipipMode: Always'
const VXLAN = 'vxlanMode: Always'
const PLAIN = 'ipipMode: Never'

/** Filters, the pool, whether a ping between the pods comes through, and a word of the finding. */
const PINGS: readonly (readonly [filters: string, pool: string, ok: boolean, word: string])[] = [
  ['', IPIP, true, ''],
  ['{protocol: 4}', IPIP, false, 'drop ipencap'],
  ['{protocol: ipip, name: no tunnels}', IPIP, false, 'no tunnels'],
  ['{protocol: 4}', VXLAN, true, ''],
  ['{protocol: udp, port: 4789}', VXLAN, false, 'VXLAN (UDP 4789)'],
  ['{protocol: udp, port: 4789}', IPIP, true, ''],
  ['{vni: 4096}', VXLAN, false, 'VNI 4096'],
  ['{vni: 4097}', VXLAN, true, ''],
  ['{vni: 4096, port: 8472}', VXLAN, true, ''],
  ['{protocol: tcp, port: 1-65535}', VXLAN, true, ''],
  ['{protocol: tcp, port: 179}', VXLAN, true, ''],
  ['{source: 10.0.1.0/24, protocol: 4}', IPIP, false, 'from 10.0.1.0/24'],
  ['{source: 10.0.3.0/24, protocol: 4}', IPIP, true, ''],
  ['{destination: 10.0.2.12/32}', VXLAN, false, 'to 10.0.2.12/32'],
  ['{protocol: icmp}', IPIP, true, ''],
  ['{protocol: icmp}', VXLAN, true, ''],
  ['{action: accept, protocol: 4}, {action: accept, protocol: tcp}, {}', IPIP, true, ''],
  ['{action: accept, protocol: tcp}, {}', IPIP, false, 'drop everything'],
]

describe.each([
  ['a segment', false],
  ['a router', true],
])('filters of %s', (_, isRouted) => {
  it.each(PINGS)('[%s] with %s: %s', (filters, pool, ok, word) => {
    const built = lab(filters, pool, isRouted)
    const { trace } = built.ping('default/web', 'default/db')
    expect(trace.ok).toBe(ok)
    if (ok) return
    const [finding] = trace.findings
    expect([finding!.code, finding!.netns]).toEqual(['filtered_on_the_way', isRouted ? 'r' : 'switch-lan'])
    expect([finding!.what, finding!.because].join(' ')).toContain(word)
    expect(finding!.origin).toMatchObject({ component: 'underlay', object: 'Underlay/u' })
    expect(finding!.checks).toEqual([
      expect.stringMatching(/^tcpdump -ni eth0 host 10\.0\.1\.11.*\(on n1\)$/),
      expect.stringMatching(/^tcpdump -ni eth0 host 10\.0\.2\.12.*\(on n2\)$/),
    ])
  })

  it('holds IPv6 as well', () => {
    expect(lab('{protocol: ipv6-icmp, source: "fd00:1::/64"}', PLAIN, isRouted).ping('n1', 'fd00:2::12').ok).toBe(false)
    expect(lab('{protocol: ipv6-icmp, source: "fd00:3::/64"}', PLAIN, isRouted).ping('n1', 'fd00:2::12').ok).toBe(true)
  })
})

describe('source check of a router', () => {
  const spoofed = (check: string): boolean => {
    const text = `apiVersion: packetwalk/v1
kind: Underlay
metadata: {name: u}
spec:
  segments: [{name: a, cidr: 10.0.1.0/24}, {name: b, cidr: 10.0.2.0/24}]
  nodes:
  - name: x
    interfaces: [{name: lo, address: 10.9.9.9/32}, {name: eth0, segment: a, address: 10.0.1.2/24}]
    routes: [default via 10.0.1.1 src 10.9.9.9]
  - name: y
    interfaces: [{name: eth0, segment: b, address: 10.0.2.2/24}]
    routes: [default via 10.0.2.1]
  routers:
  - name: r
    interfaces: [{name: a, segment: a, address: 10.0.1.1/24}, {name: b, segment: b, address: 10.0.2.1/24}]
    routes: [10.9.9.9 via 10.0.2.2]
${check}`
    const { trace } = Lab.load(text).ping('x', '10.0.2.2')
    return trace.findings.some(
      ({ code, origin }) => code === 'filtered_on_the_way' && origin?.field === 'spec.routers.0.sourceCheck',
    )
  }

  it('drops what comes in where its source is not routed to', () => {
    expect(spoofed('    sourceCheck: true\n')).toBe(true)
    expect(spoofed('')).toBe(false)
  })
})
