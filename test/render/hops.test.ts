import { describe, expect, it } from 'vitest'
import { type Lab, type Run, renderText } from '../../src/index.ts'
import { hopViewOf, type TextView } from '../../src/render/index.ts'
import { ipipShop, SHOP, shop, wireguardShop } from './shop.ts'

const [WEB, DB] = ['shop/web-0', 'shop/db-0']

/** What is asked, and the file that holds the view as it was looked at and found good. */
const VIEWS: readonly { readonly name: string; readonly lab: () => Lab; readonly ask: (lab: Lab) => Run }[] = [
  { name: 'vxlan', lab: shop, ask: (lab) => lab.ping(WEB, DB) },
  { name: 'ipip', lab: ipipShop, ask: (lab) => lab.ping(WEB, DB) },
  { name: 'wireguard', lab: wireguardShop, ask: (lab) => lab.ping(WEB, DB) },
  { name: 'same-node', lab: shop, ask: (lab) => lab.ping(WEB, 'shop/web-1') },
  { name: 'own-node', lab: shop, ask: (lab) => lab.ping(WEB, 'node/w1') },
  { name: 'host-to-pod', lab: shop, ask: (lab) => lab.ping('node/w1', DB) },
  { name: 'pod-to-outside', lab: shop, ask: (lab) => lab.ping(WEB, '8.8.8.8') },
  { name: 'tcp', lab: shop, ask: (lab) => lab.tcp(WEB, DB, 80) },
  { name: 'tcp-refused', lab: shop, ask: (lab) => lab.tcp(WEB, DB, 80, { server: false }) },
  { name: 'udp', lab: shop, ask: (lab) => lab.udp(WEB, DB, 53) },
  { name: 'three-pings', lab: shop, ask: (lab) => lab.ping(WEB, DB, { count: 3 }) },
  { name: 'traceroute', lab: shop, ask: (lab) => lab.traceroute(WEB, DB) },
  { name: 'fragments', lab: shop, ask: (lab) => lab.ping(WEB, DB, { size: 3000 }) },
  { name: 'ttl-exceeded', lab: shop, ask: (lab) => lab.ping(WEB, DB, { ttl: 2 }) },
  { name: 'nobody-has-it', lab: shop, ask: (lab) => lab.ping(WEB, '10.0.1.99') },
  { name: 'no-route-in-pod', lab: () => shop(SHOP, [`${WEB}: ip route del default`]), ask: (lab) => lab.ping(WEB, DB) },
  {
    name: 'no-forwarding',
    lab: () => shop(SHOP, ['w2: sysctl -w net.ipv4.ip_forward=0']),
    ask: (lab) => lab.ping(WEB, DB),
  },
  { name: 'blackhole', lab: () => shop(SHOP, ['w2: ip route del 10.244.2.6']), ask: (lab) => lab.ping(WEB, DB) },
  {
    name: 'firewall-drop',
    lab: () => shop(SHOP, ['w2: iptables -I FORWARD -p icmp -j DROP']),
    ask: (lab) => lab.ping(WEB, DB),
  },
  {
    name: 'firewall-reject',
    lab: () => shop(SHOP, ['w1: iptables -I FORWARD -p tcp --dport 80 -j REJECT']),
    ask: (lab) => lab.tcp(WEB, DB, 80),
  },
  {
    name: 'dnat',
    lab: () =>
      shop(SHOP, [
        'w1: iptables -t nat -A PREROUTING -d 10.96.0.10 -p tcp --dport 80 -j DNAT --to-destination 10.244.2.6:8080',
      ]),
    ask: (lab) => lab.tcp(WEB, '10.96.0.10', 80),
  },
  {
    name: 'reply-lost',
    lab: () => shop(SHOP, ['w2: iptables -I FORWARD -p icmp --icmp-type echo-reply -j DROP']),
    ask: (lab) => lab.ping(WEB, DB),
  },
  {
    name: 'data-lost',
    lab: () => shop(SHOP, ['w2: iptables -I FORWARD -p tcp --tcp-flags PSH PSH -j DROP']),
    ask: (lab) => lab.tcp(WEB, DB, 80),
  },
  {
    name: 'lost-in-the-switch',
    lab: () => shop(SHOP, ['w1: ip link set eth0 mtu 1400']),
    ask: (lab) => lab.ping(WEB, DB, { size: 1400 }),
  },
]

describe.each(VIEWS)('a line a hop: $name', ({ name, lab, ask }) => {
  const run = ask(lab())
  const text = renderText(run.trace)
  const lines = text.trimEnd().split('\n')

  it('is as it was looked at and found good', async () => {
    await expect(text).toMatchFileSnapshot(`goldens/hops/${name}.golden.txt`)
  })

  it.each([60, 80, 100, 160])('fits %i columns', (width) => {
    const long = renderText(run.trace, { width })
      .split('\n')
      .filter((line) => line.length > width)
    const isOneWord = (line: string): boolean => !line.trim().replace(/^→ /, '').includes(' ')
    expect(long.filter((line) => !isOneWord(line))).toEqual([])
  })

  it('numbers the places, a line each, in one screen', () => {
    expect(lines.length).toBeLessThan(30)
    const rows = hopViewOf(run.trace)?.legs.flatMap((leg) => leg.rows) ?? []
    expect(lines.filter((line) => /^ ?\d+ \S/.test(line.slice(0, 8)) || /^ {1,2}\d+ /.test(line))).toHaveLength(
      rows.length,
    )
  })

  it('says where it ends, and never drop of what was taken in', () => {
    expect(text.includes('✗')).toBe(!run.trace.ok || name === 'data-lost')
    if (run.trace.ok && name !== 'data-lost') expect(text).not.toMatch(/drop/i)
  })

  it('only adds colour', () => {
    const coloured = renderText(run.trace, { style: (role, part) => `<${role}>${part}</${role}>` })
    expect(coloured.replace(/<\/?[a-z]+>/g, '')).toBe(text)
  })
})

describe('views', () => {
  const run = shop().ping(WEB, DB)
  it.each(['frames', 'reasons', 'bytes'] as const satisfies readonly TextView[])(
    '%s say more than the hops',
    (view) => {
      expect(renderText(run.trace, { view }).length).toBeGreaterThan(renderText(run.trace).length)
    },
  )
})
