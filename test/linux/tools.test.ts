import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  arp,
  bridgeFdb,
  bridgeLink,
  ifconfig,
  ipAddr,
  ipLink,
  ipNeigh,
  ipNeighProxy,
  ipRoute,
  ipRule,
  parseNamespaceDump,
  printNamespaceDump,
  routeTable,
} from '../../src/linux/index.ts'
import { networkOf } from '../../src/model/index.ts'

// What the real tools printed in one namespace full of corner cases (test/fixtures/linux/tools.json).
const fixture = JSON.parse(readFileSync(new URL('../fixtures/linux/tools.json', import.meta.url), 'utf8')) as {
  files: Record<string, unknown>
  outputs: Record<string, string>
}
const dump = parseNamespaceDump('node', 'host', fixture.files)
const ns = {
  ...dump.namespace,
  // `ip -j` does not say that an MTU is locked; the text does.
  routes: dump.namespace.routes.map((route) => (route.dst === '10.2.0.0/16' ? { ...route, mtuLock: true } : route)),
}
const view = { network: networkOf([ns]), ns }

const PRINTERS: Record<string, () => string> = {
  'ip link': () => ipLink(view),
  'ip -br link': () => ipLink(view, { brief: true }),
  'ip addr': () => ipAddr(view),
  'ip -4 addr': () => ipAddr(view, { family: 'inet' }),
  'ip -6 addr': () => ipAddr(view, { family: 'inet6' }),
  'ip -o addr': () => ipAddr(view, { oneline: true }),
  'ip -br addr': () => ipAddr(view, { brief: true }),
  'ip route': () => ipRoute(view),
  'ip -d route': () => ipRoute(view, { details: true }),
  'ip route show table all': () => ipRoute(view, { table: 'all' }),
  'ip route show table 100': () => ipRoute(view, { table: '100' }),
  'ip -6 route': () => ipRoute(view, { family: 'inet6' }),
  'ip -6 route show table all': () => ipRoute(view, { family: 'inet6', table: 'all' }),
  'ip rule': () => ipRule(view),
  'ip -6 rule': () => ipRule(view, 'inet6'),
  'ip neigh': () => ipNeigh(view),
  'ip neigh show proxy': () => ipNeighProxy(view),
  'ip neigh show dev v0': () => ipNeigh(view, { dev: 'v0' }),
  'bridge fdb': () => bridgeFdb(view),
  'bridge fdb show dev vx': () => bridgeFdb(view, { dev: 'vx' }),
  'bridge link': () => bridgeLink(view),
  'bridge -d link': () => bridgeLink(view, { details: true }),
  ifconfig: () => ifconfig(view),
  'ifconfig -a': () => ifconfig(view, { all: true }),
  'ifconfig v0': () => ifconfig(view, { dev: 'v0' }),
  'arp -n': () => arp(view),
  'route -n': () => routeTable(view),
}

/** Counters are not part of a dump; a device that was never up has no queue, which packetwalk does not remember. */
function comparable(text: string): string {
  return text
    .replace(/(RX|TX) packets \d+ {2}bytes \d+ \([^)]*\)/g, '$1 packets')
    .replace(/(RX|TX) errors 0 {2}dropped \d+/g, '$1 errors')
    .replace('qdisc noop', 'qdisc noqueue')
}

describe('what the tools print', () => {
  it('comes from a dump without issues', () => {
    expect(dump.issues).toEqual([])
    expect(Object.keys(fixture.outputs).sort()).toEqual(Object.keys(PRINTERS).sort())
  })

  it.each(Object.entries(PRINTERS))('%s', (command, print) => {
    expect(comparable(print())).toBe(comparable(fixture.outputs[command]!))
  })

  it('reads back as the same namespace', () => {
    const printed = printNamespaceDump(view.network, dump.namespace)
    const again = parseNamespaceDump('node', 'host', printed)
    expect(again.issues).toEqual([])
    expect(again.namespace.routes.map(({ origin: _, ...route }) => route)).toEqual(
      dump.namespace.routes.map(({ origin: _, ...route }) => route),
    )
  })
})
