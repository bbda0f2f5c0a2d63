// Every word a tool prints: read from its text, printed again, and the same in its JSON. A row for each field.
import { describe, expect, it } from 'vitest'
import {
  bridgeFdb,
  fdbObjects,
  ipAddr,
  ipNeigh,
  ipNeighProxy,
  ipRoute,
  ipRule,
  ipRuleJson,
  linkObjects,
  neighObjects,
  parseNamespaceDump,
  printNamespaceDump,
  routeObjects,
  ruleObjects,
} from '../../src/linux/index.ts'
import { type Namespace, networkOf } from '../../src/model/index.ts'

/** A namespace from the texts of the tools; nothing of them may be in doubt. */
function read(files: Readonly<Record<string, unknown>>): Namespace {
  const { namespace, issues } = parseNamespaceDump('n', 'host', files)
  expect(issues).toEqual([])
  return namespace
}

const view = (ns: Namespace) => ({ network: networkOf([ns]), ns })

/** Facts without where they were read. */
const plain = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value, (key, part: unknown) => (/origin/i.test(key) ? undefined : part))) as T

/** The same facts after a trip through the JSON files of a dump. */
function throughJson(ns: Namespace): Namespace {
  return read(printNamespaceDump(networkOf([ns]), ns))
}

const ETH0 =
  '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000\n' +
  '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n'

describe('ip addr: words of an address', () => {
  it.each([
    'inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0',
    'inet 10.0.0.1/32 scope link eth0',
    'inet 10.0.0.1/8 scope host eth0',
    'inet 10.0.0.1/24 scope site eth0',
    'inet 10.0.0.1/24 scope nowhere eth0',
    'inet 10.0.0.1 peer 10.0.0.2/32 scope global eth0',
    'inet 10.0.0.2/24 scope global secondary eth0:1',
    'inet 10.0.0.2/24 scope global noprefixroute eth0',
    'inet6 fd00::1/64 scope global ',
    'inet6 fd00::1 peer fd00::2/128 scope global ',
    'inet6 fd00::1/64 scope global temporary ',
    'inet6 fd00::1/64 scope global tentative ',
    'inet6 fd00::1/64 scope global nodad ',
    'inet6 fd00::1/64 scope global tentative dadfailed ',
    'inet6 fe80::1/64 scope link ',
  ])('%s', (line) => {
    const text = `${ETH0}    ${line}\n       valid_lft forever preferred_lft forever\n`
    const ns = read({ 'link.json': linkObjects(text), 'addr.json': linkObjects(text) })
    expect(ipAddr(view(ns))).toBe(text)
    expect(plain(throughJson(ns).interfaces['eth0'])).toEqual(plain(ns.interfaces['eth0']))
  })

  it('deprecated', () => {
    const text = `${ETH0}    inet6 fd00::1/64 scope global deprecated \n       valid_lft forever preferred_lft 0sec\n`
    const ns = read({ 'link.json': linkObjects(text), 'addr.json': linkObjects(text) })
    expect(ipAddr(view(ns))).toBe(text)
    expect(throughJson(ns).interfaces['eth0']?.addresses[0]?.deprecated).toBe(true)
  })
})

describe('ip -d route: words of a route', () => {
  const rows = [
    ...['unicast', 'local', 'broadcast', 'anycast', 'multicast'].map(
      (type) => `${type} 10.1.0.0/16 dev eth0 proto static scope link `,
    ),
    ...['blackhole', 'unreachable', 'prohibit', 'throw'].map((type) => `${type} 10.1.0.0/16 proto bird scope global `),
    'unicast default via 10.0.0.1 dev eth0 proto boot scope global ',
    'unicast 10.1.0.1 dev eth0 proto kernel scope link src 10.0.0.9 ',
    'unicast 10.1.0.0/16 tos 0x08 dev eth0 proto boot scope link ',
    'unicast 10.1.0.0/16 tos 0x10 dev eth0 proto boot scope link ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link metric 100 ',
    'unicast 10.1.0.0/16 via 10.9.0.1 dev eth0 proto bird scope global onlink ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link mtu 1400 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link mtu lock 1400 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link advmss 1360 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link mtu 1400 advmss 1360 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope host ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope site ',
    'unicast 10.1.0.0/16 proto bird scope global \n\tnexthop via 10.0.0.1 dev eth0 weight 1 \n\tnexthop via 10.0.0.2 dev eth0 weight 3 onlink ',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'route.json': routeObjects(`${line}\n`) })
    const table = ns.routes[0]!.table
    expect(ipRoute(view(ns), { details: true, table })).toBe(`${line}\n`)
    const again = throughJson(ns).routes
    // `ip -j` does not say that an MTU is locked, nor that a hop of several is on the link.
    const kept = (routes: unknown): unknown =>
      JSON.parse(JSON.stringify(plain(routes), (key, value: unknown) => (key === 'mtuLock' ? undefined : value)))
    expect(kept(again)).toEqual(kept(ns.routes))
  })

  it.each([
    'unicast fd01::/64 dev eth0 proto kernel scope global metric 256 pref medium',
    'unicast fd01::/64 via fe80::1 dev eth0 proto ra scope global metric 1024 pref low',
    'unicast default via fe80::1 dev eth0 proto ra scope global metric 1024 pref high',
    'unreachable fd01::/64 dev lo proto bird scope global metric 1024 pref medium',
  ])('IPv6: %s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'route6.json': routeObjects(`${line}\n`) })
    expect(ipRoute(view(ns), { details: true, family: 'inet6' })).toBe(`${line}\n`)
    expect(plain(throughJson(ns).routes)).toEqual(plain(ns.routes))
  })

  it.each(['encap', 'from', 'nhid', 'realm', 'realms'])('a route with "%s" is refused by name', (word) => {
    const line = `10.1.0.0/16 ${word} 5 via 10.0.0.1\n`
    const { issues, namespace } = parseNamespaceDump('n', 'host', { 'route.json': routeObjects(line) })
    expect(issues).toMatchObject([{ kind: 'unsupported', expected: `a route without "${word}"`, received: '5' }])
    expect(namespace.routes).toEqual([])
  })

  it.each([
    ['on a device that is down', { up: false, carrier: false }, 'dead linkdown'],
    ['on a device without carrier', { carrier: false }, 'linkdown'],
  ])('%s', (_what, fields, flags) => {
    const ns = read({
      'link.json': linkObjects(ETH0),
      'route.json': routeObjects(
        '10.1.0.0/16 via 10.0.0.1 dev eth0 onlink\nlocal 10.0.0.9 dev eth0 table main\nanycast 10.0.0.8 dev eth0 table main\n',
      ),
    })
    const eth0 = { ...ns.interfaces['eth0']!, ...fields }
    const words = ['onlink', ...flags.split(' ')]
    const sorted = ['dead', 'onlink', 'linkdown'].filter((flag) => words.includes(flag))
    expect(ipRoute(view({ ...ns, interfaces: { eth0 } }))).toBe(
      `anycast 10.0.0.8 dev eth0 \nlocal 10.0.0.9 dev eth0 scope host \n10.1.0.0/16 via 10.0.0.1 dev eth0 ${sorted.join(' ')} \n`,
    )
  })
})

describe('ip rule: words of a rule', () => {
  const rows = [
    '0:\tfrom all lookup local',
    '32766:\tfrom all lookup main',
    '100:\tfrom 10.0.0.0/8 lookup 7',
    '100:\tfrom 10.0.0.1 to 10.1.0.0/16 lookup main',
    '100:\tfrom all to 10.1.0.1 lookup main',
    '100:\tfrom 0.0.0.0/0 to 0.0.0.0/0 lookup main',
    '100:\tnot from all fwmark 0x1/0xff lookup 7',
    '100:\tfrom all fwmark 0x10 lookup 7',
    '100:\tfrom all tos 0x10 lookup 7',
    '100:\tfrom all iif eth0 oif eth0 lookup 7',
    '100:\tfrom all iif gone [detached] lookup 7',
    '100:\tfrom all oif gone [detached] lookup 7',
    '100:\tfrom all ipproto tcp lookup 7',
    '100:\tfrom all ipproto udp sport 53 dport 1-1024 lookup 7',
    '100:\tfrom all sport 1-2 dport 80 lookup 7',
    '100:\tfrom all goto 200',
    '100:\tfrom all nop',
    '100:\tfrom all blackhole',
    '100:\tfrom all unreachable',
    '100:\tfrom all prohibit',
    '100:\tfrom all lookup main suppress_prefixlength 0',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'rule.json': ruleObjects(`${line}\n`) })
    expect(ipRule(view(ns))).toBe(`${line}\n`)
    expect(plain(throughJson(ns).rules)).toEqual(plain(ns.rules))
  })

  it.each(['100:\tfrom fd00::/8 to fd01::1 lookup main', '100:\tfrom ::/0 lookup main'])('IPv6: %s', (line) => {
    const ns = read({ 'rule6.json': ruleObjects(`${line}\n`) })
    expect(ipRule(view(ns), 'inet6')).toBe(`${line}\n`)
    expect(plain(throughJson(ns).rules).filter(({ family }) => family === 'inet6')).toEqual(plain(ns.rules))
    const hosts = ipRuleJson(view(ns), 'inet6').filter((rule) => rule['dst'] === 'fd01::1')
    expect(hosts.map((rule) => [rule['srclen'], rule['dstlen']])).toEqual(
      line.includes('fd01::1') ? [[8, undefined]] : [],
    )
  })

  it.each([
    ['from all lookup main suppress_ifgroup 1', 'suppress_ifgroup', '1'],
    ['from all uidrange 0-100 lookup 7', 'uid_start', '0-100'],
    ['from all lookup [l3mdev-table]', 'l3mdev', 'null'],
  ])('what is not modelled is refused by name: %s', (words, key, received) => {
    const text = words.replace('lookup [', '[')
    const { issues } = parseNamespaceDump('n', 'host', { 'rule.json': ruleObjects(`100:\t${text}\n`) })
    expect(issues).toMatchObject([{ kind: 'unsupported', expected: `a rule without "${key}"`, received }])
  })
})

describe('ip neigh: states and words', () => {
  const states = ['PERMANENT', 'NOARP', 'REACHABLE', 'STALE', 'DELAY', 'PROBE']
  const rows = [
    ...states.map((state) => `10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 ${state} `),
    ...['INCOMPLETE', 'FAILED', 'NONE'].map((state) => `10.0.0.2 dev eth0 ${state} `),
    'fe80::2 dev eth0 lladdr 02:00:00:00:00:02 router REACHABLE ',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'neigh.json': neighObjects(`${line}\n`) })
    expect(ipNeigh(view(ns), { all: true })).toBe(`${line}\n`)
    expect(plain(throughJson(ns).neighbours)).toEqual(plain(ns.neighbours))
  })

  it('hides what nobody asked for, and picks by family and device', () => {
    const lines = rows.map((line, i) =>
      line.replace('10.0.0.2', `10.0.0.${i}`).replace('eth0', i % 2 === 0 ? 'eth0' : 'eth1'),
    )
    const ns = read({ 'neigh.json': neighObjects(lines.join('\n')) })
    const shown = (options: object) =>
      ipNeigh(view(ns), options)
        .split('\n')
        .filter((line) => line !== '')
    expect(shown({ all: true })).toEqual(lines)
    expect(shown({})).toEqual(lines.filter((line) => !/ (NOARP|NONE) /.test(line)))
    expect(shown({ all: true, family: 'inet6' })).toEqual(lines.filter((line) => line.startsWith('fe80')))
    expect(shown({ all: true, family: 'inet' })).toEqual(lines.filter((line) => !line.startsWith('fe80')))
    expect(shown({ all: true, dev: 'eth1' })).toEqual(
      lines.filter((line) => line.includes('eth1')).map((line) => line.replace(' dev eth1', '')),
    )
  })

  it.each(['10.0.0.5 dev eth0 proxy \n', '10.0.0.5 proxy \n'])('proxy: %s', (line) => {
    const ns = read({ 'neigh-proxy.json': neighObjects(line) })
    expect(ipNeighProxy(view(ns))).toBe(line)
    expect(plain(throughJson(ns).proxyNeighbours)).toEqual(plain(ns.proxyNeighbours))
  })
})

describe('bridge fdb: words of an entry', () => {
  const rows = [
    '02:00:00:00:00:02 dev vx dst 10.0.0.2 self permanent',
    '02:00:00:00:00:02 dev vx dst 10.0.0.2 port 4789 vni 7 via eth0 self permanent',
    '02:00:00:00:00:02 dev vx vlan 3 master br permanent',
    '02:00:00:00:00:02 dev vx dst 10.0.0.2 self extern_learn permanent',
    '02:00:00:00:00:02 dev vx self static',
    '02:00:00:00:00:02 dev vx master br stale',
    '02:00:00:00:00:02 dev vx master br ',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'fdb.json': fdbObjects(`${line}\n`) })
    expect(bridgeFdb(view(ns))).toBe(`${line}\n`)
    expect(bridgeFdb(view(ns), { dev: 'vx' })).toBe(`${line.replace(' dev vx', '')}\n`)
    expect(bridgeFdb(view(ns), { dev: 'other' })).toBe('')
    expect(plain(throughJson(ns).fdb)).toEqual(plain(ns.fdb))
  })
})
