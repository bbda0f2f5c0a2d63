// The packet where it is wrapped most, as boxes of text.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/index.ts'
import { renderPacketText } from '../../src/render/index.ts'
import type { Trace } from '../../src/trace/index.ts'
import { ipipShop, SHOP, shop, wireguardShop } from './shop.ts'

const ping = (lab: Lab): Trace => lab.ping('shop/web-0', 'shop/db-0').trace
const demo = Lab.load(readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8'))
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']

/** Names in the upper sides of the boxes, outermost first. */
const boxes = (text: string): string[] =>
  [...text.matchAll(/┌─ ([A-Za-z][A-Za-z0-9 ]*?)(?: {2}| ─)/g)].map((m) => m[1] ?? '')

describe('headers lie in each other, outermost first', () => {
  it.each<[string, Trace, string[]]>([
    ['IPIP', ping(ipipShop()), ['Ethernet', 'outer IPv4', 'IPv4', 'ICMP echo request']],
    [
      'VXLAN',
      ping(shop(SHOP)),
      ['Ethernet', 'outer IPv4', 'UDP', 'VXLAN', 'inner Ethernet', 'IPv4', 'ICMP echo request'],
    ],
    ['WireGuard', ping(wireguardShop()), ['Ethernet', 'outer IPv4', 'UDP', 'WireGuard']],
    ['the same node', shop(SHOP).ping('shop/web-0', 'shop/web-1').trace, ['Ethernet', 'IPv4', 'ICMP echo request']],
  ])('%s', (_what, trace, names) => expect(boxes(renderPacketText(trace))).toEqual(names))
})

describe('the drawing', () => {
  it.each([60, 76, 120])('of %i columns is no wider, and every box is closed', (width) => {
    for (const trace of [ping(ipipShop()), ping(shop(SHOP)), ping(wireguardShop())]) {
      const lines = renderPacketText(trace, { width }).trimEnd().split('\n')
      const drawn = lines.filter((line) => /[┌│└]/.test(line))
      expect(new Set(drawn.map((line) => line.length))).toEqual(new Set([width]))
      expect(drawn.join('').split('┌').length).toBe(drawn.join('').split('┘').length)
    }
  })

  it('shows the fields that tell where a packet goes', () => {
    expect(renderPacketText(demo.ping(A, B).trace)).toBe(`the packet from controlplane to node01: 118 bytes
┌─ Ethernet  02:42:ac:11:00:20 > 02:42:ac:11:00:28 ────────────────────────┐
│ ┌─ outer IPv4  172.17.0.32 > 172.17.0.40  TTL 63 ──────────────────────┐ │
│ │ ┌─ IPv4  192.168.49.66 > 192.168.196.131  TTL 63 ──────────────────┐ │ │
│ │ │ ┌─ ICMP echo request  id 23733  seq 0 ─────────────────────────┐ │ │ │
│ │ │ │ data: 56 bytes                                               │ │ │ │
│ │ │ └──────────────────────────────────────────────────────────────┘ │ │ │
│ │ └──────────────────────────────────────────────────────────────────┘ │ │
│ └──────────────────────────────────────────────────────────────────────┘ │
└──────────────────────────────────────────────────────────────────────────┘
`)
  })

  it('is nothing where nothing was sent', () => {
    const silent = shop(SHOP, ['shop/web-0: ip route flush table main']).ping('shop/web-0', 'shop/db-0').trace
    expect(renderPacketText(silent)).toBe('')
  })

  it.each([59, 201, 76.5, Number.NaN])('refuses %d columns', (width) => {
    expect(() => renderPacketText(ping(ipipShop()), { width })).toThrow('60 to 200 columns')
  })
})
