import { atLine, type Json, linesWithIndent } from './cursor.ts'
import { maskLength } from './route-table-text.ts'

const HEAD = /^(\S+?):? +(?:flags=\d+<([^>]*)>.*?mtu (\d+)|Link encap:(.*))/

/** Whether a text is what `ifconfig` prints, that of net-tools (old or new) or BusyBox. */
export function isIfconfig(text: string): boolean {
  return linesWithIndent(text).some((line) => !line.indented && HEAD.test(line.text))
}

/**
 * `ifconfig` as the objects `ip -j addr` gives. It prints no index: links are numbered as they stand; `eth0:1` is an
 * address of eth0.
 */
export function ifconfigObjects(text: string): Json[] {
  const links = new Map<string, Json>()
  let link: Json | undefined
  let label = ''
  for (const { text: line, indented, number } of linesWithIndent(text)) {
    if (!indented) {
      const match = HEAD.exec(line)
      if (match === null) continue
      label = match[1] ?? ''
      const name = label.replace(/:.*$/, '')
      link = links.get(name) ?? atLine(headOf(name, match, links.size + 1), number)
      links.set(name, link)
    }
    if (link !== undefined) readLine(link, line, label, number)
  }
  return [...links.values()]
}

function headOf(name: string, [, , flags, mtu, encap]: RegExpExecArray, ifindex: number): Json {
  const listed = (flags ?? '').split(',').filter((flag) => flag !== '')
  return {
    ifindex,
    ifname: name,
    flags: listed.includes('RUNNING') ? [...listed, 'LOWER_UP'] : listed,
    mtu: Number(mtu ?? 1500),
    link_type: name === 'lo' ? 'loopback' : /IPIP|tunnel/i.test(encap ?? '') ? 'ipip' : 'ether',
    addr_info: [],
  }
}

function readLine(link: Json, line: string, label: string, number: number): void {
  const mac = /(?:ether|HWaddr) (\S+)/.exec(line)?.[1]
  if (mac !== undefined) link['address'] = mac
  if (/unspec|IPIP Tunnel/.test(line) && link['ifname'] !== 'lo') link['link_type'] = 'ipip'
  const old =
    /^\s+((?:UP|BROADCAST|LOOPBACK|POINTOPOINT|RUNNING|NOARP|MULTICAST|PROMISC|ALLMULTI|\s)+)\s+MTU:(\d+)/.exec(line)
  if (old !== null) {
    const flags = (old[1] ?? '').trim().split(/\s+/)
    link['flags'] = flags.includes('RUNNING') ? [...flags, 'LOWER_UP'] : flags
    link['mtu'] = Number(old[2])
  }
  const address = ipv4Of(line, label) ?? ipv6Of(line)
  if (address !== undefined) (link['addr_info'] as Json[]).push(atLine(address, number))
}

function ipv4Of(line: string, label: string): Json | undefined {
  const local = /\binet (?:addr:)?(\d+\.\d+\.\d+\.\d+)/.exec(line)?.[1]
  if (local === undefined) return undefined
  const mask = /(?:netmask |Mask:)(\d+\.\d+\.\d+\.\d+)/.exec(line)?.[1]
  const broadcast = /(?:broadcast |Bcast:)(\d+\.\d+\.\d+\.\d+)/.exec(line)?.[1]
  const prefixlen = (mask === undefined ? undefined : maskLength(mask)) ?? 32
  const scope = local.startsWith('127.') ? 'host' : 'global'
  return { family: 'inet', local, prefixlen, ...(broadcast === undefined ? {} : { broadcast }), scope, label }
}

function ipv6Of(line: string): Json | undefined {
  const match = /\binet6 (?:addr: ?)?([0-9a-fA-F:]+)(?:%\S+)?(?:\/(\d+)| +prefixlen (\d+))/.exec(line)
  if (match === null) return undefined
  const local = match[1] ?? ''
  const scope = /^fe80:/i.test(local) ? 'link' : local === '::1' ? 'host' : 'global'
  return { family: 'inet6', local, prefixlen: Number(match[2] ?? match[3]), scope }
}
