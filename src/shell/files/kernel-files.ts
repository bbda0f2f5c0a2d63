import { applyCommand } from '../../commands/index.ts'
import { conntrackLine, operState } from '../../linux/index.ts'
import { type Interface, type Namespace, type Route, routesOf } from '../../model/index.ts'
import { type Ipv4, ipv4ToNumber, maskOf, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { Desk } from '../desk.ts'
import type { HostFile, HostFiles } from './host-file.ts'

/** What the kernel shows as files: tables below `/proc/net`, interfaces below `/sys/class/net`. */
export const kernelFiles: HostFiles = (desk, netns) => {
  const ns = (): Namespace => desk.simulation.netns(netns).model
  const files = new Map<string, HostFile>([
    ['/proc/net/arp', { text: () => arpTable(desk, netns) }],
    ['/proc/net/route', { text: () => routeTable(desk, ns()) }],
    ['/proc/net/dev', { text: () => devTable(desk, netns) }],
    ['/proc/net/nf_conntrack', { text: () => conntrackTable(desk, netns) }],
    ['/proc/sys/kernel/hostname', { text: () => `${netns.split('/').at(-1)}\n` }],
  ])
  for (const name of Object.keys(ns().interfaces)) {
    const link = (): Interface => ns().interfaces[name] as Interface
    const folder = `/sys/class/net/${name}`
    const isUp = (): boolean => link().up
    const file = (key: string, text: () => string | number): void => {
      files.set(`${folder}/${key}`, { text: () => `${text()}\n` })
    }
    file('address', () => link().mac ?? '00:00:00:00:00:00')
    file('ifindex', () => link().ifindex)
    file('operstate', () => operState({ network: desk.network, ns: ns() }, link()).toLowerCase())
    file('tx_queue_len', () => link().txqlen ?? 1000)
    if (isUp()) file('carrier', () => (link().carrier === false ? 0 : 1))
    files.set(`${folder}/mtu`, {
      text: () => `${link().mtu}\n`,
      write: (text) => setMtu(desk, netns, name, text.trim()),
      live: true,
    })
  }
  return files
}

function setMtu(desk: Desk, netns: string, dev: string, mtu: string): string | undefined {
  // A shell opens the file before it writes.
  if (mtu === '') return undefined
  const applied = applyCommand(desk.network, netns, `ip link set ${dev} mtu ${mtu}`)
  if ('refused' in applied) return 'Invalid argument'
  desk.setNetwork(applied.network)
  return undefined
}

/** @linux net/ipv4/arp.c arp_format_neigh_entry */
function arpTable(desk: Desk, netns: string): string {
  const head = 'IP address       HW type     Flags       HW address            Mask     Device\n'
  const lines = desk.simulation
    .netns(netns)
    .neigh.dump()
    .filter(({ dst, state }) => !dst.includes(':') && state !== 'NOARP')
    .map(({ dst, dev, lladdr, state }) => {
      const flags = state === 'PERMANENT' ? '0x6' : lladdr === undefined ? '0x0' : '0x2'
      return `${dst.padEnd(16)} ${'0x1'.padEnd(12)}${flags.padEnd(12)}${lladdr ?? '00:00:00:00:00:00'}     *        ${dev}\n`
    })
  return `${head}${lines.join('')}`
}

/** The main table with its numbers as the processor has them. @linux net/ipv4/fib_trie.c fib_route_seq_show */
function routeTable(desk: Desk, ns: Namespace): string {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
  const rows = routesOf(desk.network, ns)
    .filter(({ family, table, type }) => family === 'inet' && table === 'main' && type !== 'broadcast')
    .map((route) => routeRow(route))
  return [head, ...rows].map((line) => `${line.padEnd(127)}\n`).join('')
}

function routeRow({ dst, via, dev, type, metric, nexthops }: Route): string {
  const gateway = via ?? nexthops?.[0]?.via
  const isRefused = type === 'unreachable' || type === 'prohibit' || type === 'blackhole'
  const flags = (isRefused ? 0x201 : 1) | (gateway === undefined ? 0 : 2) | (prefixLength(dst) === 32 ? 4 : 0)
  const columns = [
    dev ?? nexthops?.[0]?.dev ?? '*',
    little(ipv4ToNumber(prefixAddress(dst) as Ipv4)),
    little(gateway === undefined ? 0 : ipv4ToNumber(gateway as Ipv4)),
    flags.toString(16).toUpperCase().padStart(4, '0'),
    '0',
    '0',
    String(metric ?? 0),
    little(maskOf(prefixLength(dst))),
    '0',
    '0',
    '0',
  ]
  return columns.join('\t')
}

/** A number in network order as a little-endian machine prints it. */
function little(value: number): string {
  const bytes = [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255]
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('')
}

/** @linux net/core/net-procfs.c dev_seq_printf_stats */
function devTable(desk: Desk, netns: string): string {
  const head =
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n'
  const lines = desk.simulation.netns(netns).devices.map(({ name, rxBytes, rxPackets, txBytes, txPackets }) => {
    const columns = [
      ...[rxBytes, rxPackets, 0, 0].map((value, i) => String(value).padStart([8, 7, 4, 4][i] as number)),
      ...[0, 0, 0, 0].map((value, i) => String(value).padStart([4, 5, 10, 9][i] as number)),
      ...[txBytes, txPackets, 0, 0].map((value, i) => String(value).padStart([8, 7, 4, 4][i] as number)),
      ...[0, 0, 0, 0].map((value, i) => String(value).padStart([4, 5, 7, 10][i] as number)),
    ]
    return `${name.padStart(6)}: ${columns.join(' ')}\n`
  })
  return `${head}${lines.join('')}`
}

/** @linux net/netfilter/nf_conntrack_standalone.c ct_seq_show */
function conntrackTable(desk: Desk, netns: string): string {
  const entries = desk.simulation.netns(netns).nf?.conntrack() ?? []
  return entries.map((entry) => `${conntrackLine(entry).replace(/use=1$/, 'zone=0 use=2')}\n`).join('')
}
