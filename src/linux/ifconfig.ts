import type { Address, Interface } from '../model/index.ts'
import { netmaskText } from '../wire/index.ts'
import { type CountersOf, type DeviceCounters, humanBytes, NO_COUNTERS } from './counters.ts'
import { carrierOf, isBroadcast, isPointToPoint, type View } from './view.ts'

/** What `ifconfig` is asked for. */
export interface IfconfigOptions {
  /** Only this interface. */
  readonly dev?: string
  /** `-a`: also interfaces that are down. */
  readonly all?: boolean
  /** What the devices have counted. */
  readonly counters?: CountersOf
}

interface Flag {
  readonly name: string
  readonly bit: number
}

function flagsOf(view: View, link: Interface): Flag[] {
  const flags: Flag[] = []
  const add = (set: boolean, name: string, bit: number): void => {
    if (set) flags.push({ name, bit })
  }
  add(link.up, 'UP', 0x1)
  add(isBroadcast(link), 'BROADCAST', 0x2)
  add(link.kind === 'loopback', 'LOOPBACK', 0x8)
  add(isPointToPoint(link), 'POINTOPOINT', 0x10)
  add(carrierOf(view, link), 'RUNNING', 0x40)
  add(link.noarp === true || ['ipip', 'wireguard', 'dummy'].includes(link.kind), 'NOARP', 0x80)
  add(isBroadcast(link) && link.kind !== 'dummy', 'MULTICAST', 0x1000)
  return flags
}

/** Interfaces by name, as both programs sort them. */
function chosen(view: View, options: IfconfigOptions): Interface[] {
  const links = Object.values(view.ns.interfaces).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (options.dev !== undefined) return links.filter((link) => link.name === options.dev)
  return links.filter((link) => options.all === true || link.up)
}

const SCOPES: Readonly<Record<string, string>> = {
  global: '0x0<global>',
  site: '0x40<site>',
  link: '0x20<link>',
  host: '0x10<host>',
}

/** The first IPv4 address without an alias label; the others show as interfaces of their own. */
function mainAddress(link: Interface): Address | undefined {
  return link.addresses.find((address) => address.family === 'inet' && (address.label ?? link.name) === link.name)
}

function aliases(link: Interface): Address[] {
  return link.addresses.filter((address) => address.family === 'inet' && (address.label ?? link.name) !== link.name)
}

/** `ifconfig` of net-tools 2.10. */
export function ifconfig(view: View, options: IfconfigOptions = {}): string {
  return chosen(view, options)
    .flatMap((link) => [
      netToolsBlock(view, link, options),
      ...(options.dev === undefined ? aliases(link) : []).map((item) => aliasBlock(view, link, item)),
    ])
    .join('')
}

function netToolsHead(view: View, link: Interface, name: string): string {
  const flags = flagsOf(view, link)
  const bits = flags.reduce((sum, flag) => sum + flag.bit, 0)
  return `${name}: flags=${bits}<${flags.map((flag) => flag.name).join(',')}>  mtu ${link.mtu}`
}

function netToolsInet(link: Interface, address: Address): string {
  const tail = isPointToPoint(link)
    ? `  destination ${address.peer ?? address.local}`
    : isBroadcast(link)
      ? `  broadcast ${address.broadcast ?? '0.0.0.0'}`
      : ''
  return `inet ${address.local}  netmask ${netmaskText(address.prefixlen)}${tail}`
}

function netToolsHardware(link: Interface): string {
  const queue = `txqueuelen ${link.txqlen ?? 0}`
  switch (link.kind) {
    case 'loopback':
      return `loop  ${queue}  (Local Loopback)`
    case 'ipip':
      return `tunnel   ${queue}  (IPIP Tunnel)`
    case 'wireguard':
      return `unspec ${Array.from({ length: 16 }, () => '00').join('-')}  ${queue}  (UNSPEC)`
    default:
      return `ether ${link.mac ?? ''}  ${queue}  (Ethernet)`
  }
}

function netToolsBlock(view: View, link: Interface, options: IfconfigOptions): string {
  const c = options.counters?.[link.name] ?? NO_COUNTERS
  const inet = mainAddress(link)
  const lines = [
    ...(inet === undefined ? [] : [netToolsInet(link, inet)]),
    ...link.addresses
      .filter((address) => address.family === 'inet6')
      .map(
        (item) => `inet6 ${item.local}  prefixlen ${item.prefixlen}  scopeid ${SCOPES[item.scope] ?? SCOPES['global']}`,
      ),
    netToolsHardware(link),
    `RX packets ${c.rxPackets}  bytes ${c.rxBytes} ${humanBytes(c.rxBytes)}`,
    `RX errors 0  dropped ${c.rxDropped ?? 0}  overruns 0  frame 0`,
    `TX packets ${c.txPackets}  bytes ${c.txBytes} ${humanBytes(c.txBytes)}`,
    `TX errors 0  dropped ${c.txDropped ?? 0} overruns 0  carrier 0  collisions 0`,
  ]
  return `${netToolsHead(view, link, link.name)}\n${lines.map((line) => `        ${line}\n`).join('')}\n`
}

function aliasBlock(view: View, link: Interface, address: Address): string {
  const head = netToolsHead(view, link, address.label ?? link.name)
  return `${head}\n        ${netToolsInet(link, address)}\n        ${netToolsHardware(link)}\n\n`
}

/** `ifconfig` of busybox, as in most containers. */
export function busyboxIfconfig(view: View, options: IfconfigOptions = {}): string {
  return chosen(view, options)
    .map((link) => busyboxBlock(view, link, options.counters?.[link.name] ?? NO_COUNTERS))
    .join('')
}

const BUSYBOX_KINDS: Readonly<Record<string, string>> = {
  loopback: 'Local Loopback',
  ipip: 'IPIP Tunnel  HWaddr ',
  wireguard: `UNSPEC  HWaddr ${Array.from({ length: 16 }, () => '00').join('-')}`,
}

const BUSYBOX_SCOPES: Readonly<Record<string, string>> = { global: 'Global', site: 'Site', link: 'Link', host: 'Host' }

function busyboxBlock(view: View, link: Interface, c: DeviceCounters): string {
  const inet = mainAddress(link)
  const lines = [
    ...(inet === undefined ? [] : [busyboxInet(link, inet)]),
    ...link.addresses
      .filter((address) => address.family === 'inet6')
      .map((item) => `inet6 addr: ${item.local}/${item.prefixlen} Scope:${BUSYBOX_SCOPES[item.scope] ?? 'Unknown'}`),
    `${flagsOf(view, link)
      .map((flag) => `${flag.name} `)
      .join('')} MTU:${link.mtu}  Metric:1`,
    `RX packets:${c.rxPackets} errors:0 dropped:${c.rxDropped ?? 0} overruns:0 frame:0`,
    `TX packets:${c.txPackets} errors:0 dropped:${c.txDropped ?? 0} overruns:0 carrier:0`,
    `collisions:0 txqueuelen:${link.txqlen ?? 0} `,
    `RX bytes:${c.rxBytes} ${humanBytes(c.rxBytes)}  TX bytes:${c.txBytes} ${humanBytes(c.txBytes)}`,
  ]
  const hardware = BUSYBOX_KINDS[link.kind] ?? `Ethernet  HWaddr ${(link.mac ?? '').toUpperCase()}`
  const head = `${link.name.slice(0, 9).padEnd(9)} Link encap:${hardware}  `
  return `${head}\n${lines.map((line) => `          ${line}\n`).join('')}\n`
}

function busyboxInet(link: Interface, address: Address): string {
  const middle = isPointToPoint(link)
    ? `  P-t-P:${address.peer ?? address.local}`
    : isBroadcast(link)
      ? `  Bcast:${address.broadcast ?? '0.0.0.0'}`
      : ''
  return `inet addr:${address.local}${middle}  Mask:${netmaskText(address.prefixlen)}`
}
