// What a file holds by what it says, whatever its name: a row for each form of each tool.
import { describe, expect, it } from 'vitest'
import { contentOf } from '../../src/dumps/content.ts'

const kindOf = (value: unknown): unknown => {
  const content = contentOf(typeof value === 'string' ? value : JSON.stringify(value)) as unknown as Record<
    string,
    unknown
  >
  return content['kind'] ?? content
}

describe('JSON', () => {
  it.each([
    ['link.json', [{ ifname: 'eth0', ifindex: 2 }]],
    ['addr.json', [{ ifname: 'eth0', ifindex: 2, addr_info: [] }]],
    ['addr.json', [{}, { ifname: 'eth0', ifindex: 2, addr_info: [] }]],
    ['fdb.json', [{ mac: '02:00:00:00:00:01', ifname: 'vx' }]],
    ['rule.json', [{ priority: 0, src: 'all' }]],
    ['rule.json', [{ priority: 0, table: 'local' }]],
    ['rule.json', [{ priority: 0, action: 'blackhole' }]],
    ['neigh.json', [{ dst: '10.0.0.1', lladdr: '02:00:00:00:00:01' }]],
    ['neigh.json', [{ dst: '10.0.0.1', state: ['FAILED'] }]],
    ['route.json', [{ dst: 'default', flags: [] }]],
    ['route.json', [{ dst: 'default', protocol: 'boot' }]],
    ['route.json', [{ dst: 'default', type: 'blackhole' }]],
    ['route.json', [{ dst: 'default', gateway: '10.0.0.1' }]],
    ['route.json', [{ dst: 'default', nexthops: [] }]],
    ['nft.json', { nftables: [] }],
    ['bpf.json', [{ xdp: [], tc: [], flow_dissector: [] }]],
    ['tc.json', [{ protocol: 'all', kind: 'bpf' }]],
    ['tc.json', [{ dev: 'eth0', filters: [] }]],
    ['qdisc.json', [{ kind: 'noqueue', handle: '0:', dev: 'lo' }]],
    ['vrf.txt', [{ name: 'red', table: 10 }]],
  ])('%s: %j', (kind, value) => expect(kindOf(value)).toBe(kind))
})
