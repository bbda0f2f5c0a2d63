import { addressObject } from './addr.ts'
import { briefObjects, isBrief } from './brief-text.ts'
import { atLine, type Json, type Line, lineOf, linesWithIndent, next, numeric } from './cursor.ts'
import { ifconfigObjects, isIfconfig } from './ifconfig-text.ts'

const KINDS: ReadonlySet<string> = new Set([
  'veth',
  'bridge',
  'dummy',
  'ipip',
  'vxlan',
  'wireguard',
  'bond',
  'macvlan',
  'ipvlan',
  'vlan',
  'tun',
  'gre',
  'sit',
  'ip6tnl',
  'vrf',
  'vti',
  'geneve',
])

/**
 * `ip [-d] link show` or `ip [-d] addr show` in plain text as the objects their `-j` forms give, `ip -o`, `ip -br` and
 * `ifconfig`, too. Without `-d` the kind of a device is not printed; it is guessed from what is: the link type, `@ifN`, and
 * who is somebody's master.
 */
export function linkObjects(text: string): Json[] {
  const links = isBrief(text) ? briefObjects(text) : isIfconfig(text) ? ifconfigObjects(text) : ipObjects(text)
  guessKinds(links)
  return links
}

function ipObjects(text: string): Json[] {
  const links: Json[] = []
  for (const line of linesWithIndent(text)) {
    const oneline = /^(\d+): (\S+) +(inet6? .*)$/.exec(line.text.replace(/\\.*$/, ''))
    if (oneline !== null) {
      readBody(linkNamed(links, oneline, line.number), lineOf(oneline[3] ?? ''), line.number)
      continue
    }
    const link = links.at(-1)
    const words = lineOf(line.text)
    if (!line.indented) {
      const head = headObject(line.text)
      if (head !== undefined) links.push(atLine(head, line.number))
    } else if (link !== undefined) readBody(link, words, line.number)
  }
  return links
}

/** `ip -o addr` prints the addresses and of the link only index and name. */
function linkNamed(links: Json[], [, index, name = '']: RegExpExecArray, number: number): Json {
  const known = links.find((link) => link['ifname'] === name)
  if (known !== undefined) return known
  const flags = name === 'lo' ? ['LOOPBACK', 'UP', 'LOWER_UP'] : ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']
  const link: Json = { ifindex: Number(index), ifname: name, flags, mtu: name === 'lo' ? 65536 : 1500 }
  links.push(atLine(link, number))
  return link
}

function headObject(text: string): Json | undefined {
  const match = /^(\d+): ([^\s:@]+(?::[^\s:@]+)?)(?:@([^\s:]+))?: <([^>]*)>(.*)$/.exec(text)
  if (match === null) return undefined
  const link: Json = { ifindex: Number(match[1]), ifname: match[2], flags: match[4] === '' ? [] : match[4]!.split(',') }
  const peer = match[3]
  if (peer === 'NONE') link['link'] = null
  else if (peer !== undefined && /^if\d+$/.test(peer)) link['link_index'] = Number(peer.slice(2))
  else if (peer !== undefined) link['link'] = peer
  const words = lineOf(match[5]!)
  while (words.at < words.words.length) {
    const word = next(words)
    if (word === 'mtu') link['mtu'] = numeric(next(words))
    else if (word === 'qlen') link['txqlen'] = numeric(next(words))
    else if (word === 'master' || word === 'group' || word === 'qdisc') link[word] = next(words)
    else if (word === 'state') link['operstate'] = next(words)
  }
  return link
}

function readBody(link: Json, line: Line, number: number): void {
  const word = next(line)
  if (word.startsWith('link/')) {
    link['link_type'] = word.slice(5)
    if (word !== 'link/none') link['address'] = next(line)
    const netnsid = line.words.indexOf('link-netnsid')
    if (netnsid >= 0) link['link_netnsid'] = numeric(line.words[netnsid + 1] ?? '')
  } else if (word === 'inet' || word === 'inet6') {
    link['addr_info'] = [
      ...((link['addr_info'] as Json[] | undefined) ?? []),
      atLine(addressObject(word, line, String(link['ifname'])), number),
    ]
  } else if (word === 'bridge_slave') {
    const info = { ...(link['linkinfo'] as Json | undefined), info_slave_kind: 'bridge', info_slave_data: pairs(line) }
    link['linkinfo'] = info
  } else if (KINDS.has(word)) {
    link['linkinfo'] = { ...(link['linkinfo'] as Json | undefined), info_kind: word, info_data: kindData(word, line) }
    const mode = line.words.indexOf('addrgenmode')
    if (mode >= 0) link['inet6_addr_gen_mode'] = line.words[mode + 1]
  }
}

/** `name on name off name 7`, as booleans and numbers. */
function pairs(line: Line): Json {
  const data: Json = {}
  while (line.at + 1 < line.words.length) {
    const name = next(line)
    const value = next(line)
    data[name] = value === 'on' ? true : value === 'off' ? false : numeric(value)
  }
  return data
}

function kindData(kind: string, line: Line): Json {
  if (kind === 'vxlan') return vxlanData(line)
  if (kind === 'ipip') return ipipData(line)
  return kind === 'bridge' ? pairs(line) : {}
}

function vxlanData(line: Line): Json {
  const data: Json = { learning: true }
  while (line.at < line.words.length) {
    const word = next(line)
    if (word === 'id') data['id'] = numeric(next(line))
    else if (word === 'local' || word === 'remote' || word === 'group') data[word] = next(line)
    else if (word === 'dev') data['link'] = next(line)
    else if (word === 'dstport') data['port'] = numeric(next(line))
    else if (word === 'srcport') data['port_range'] = { low: numeric(next(line)), high: numeric(next(line)) }
    else if (word === 'nolearning') data['learning'] = false
    else if (word === 'ttl') data['ttl'] = autoOrNumber(next(line))
    else if (word === 'tos') data['tos'] = next(line)
    else if (word === 'df') data['df'] = next(line)
    else if (word === 'ageing') data['ageing'] = numeric(next(line))
    else if (word === 'external' || word === 'gbp' || word === 'gpe' || word === 'proxy' || word === 'rsc')
      data[word] = true
    else if (word.endsWith('udpcsum')) data['udp_csum'] = word === 'udpcsum'
    else if (word.endsWith('udp6zerocsumtx')) data['udp_zero_csum6_tx'] = word === 'udp6zerocsumtx'
    else if (word.endsWith('udp6zerocsumrx')) data['udp_zero_csum6_rx'] = word === 'udp6zerocsumrx'
  }
  return data
}

function autoOrNumber(word: string): number | string {
  return word === 'auto' ? 0 : numeric(word)
}

function ipipData(line: Line): Json {
  const data: Json = {}
  while (line.at < line.words.length) {
    const word = next(line)
    if (word === 'remote' || word === 'local') data[word] = next(line)
    else if (word === 'dev') data['link'] = next(line)
    else if (word === 'ttl' || word === 'tos') data[word] = numeric(next(line))
    else if (word === 'pmtudisc' || word === 'nopmtudisc') data['pmtudisc'] = word === 'pmtudisc'
  }
  return data
}

/** What the kinds must be where `-d` was not given. */
function guessKinds(links: Json[]): void {
  const masters = new Set(links.map((link) => link['master']))
  for (const link of links) {
    const info = link['linkinfo'] as Json | undefined
    if (info?.['info_kind'] !== undefined) continue
    const kind = guessKind(link, masters.has(link['ifname']))
    if (kind !== undefined) link['linkinfo'] = { ...info, info_kind: kind }
  }
}

function guessKind(link: Json, isMaster: boolean): string | undefined {
  if (link['link_type'] === 'ipip') return 'ipip'
  if (link['link_type'] === 'none') return 'wireguard'
  if (isMaster) return 'bridge'
  const other = link['link_index'] !== undefined || typeof link['link'] === 'string'
  return other && link['link_type'] === 'ether' ? 'veth' : undefined
}

/** Whether a plain `ip link` text was printed with `-d`. */
export function hasDetails(text: string): boolean {
  return /promiscuity \d|addrgenmode /.test(text)
}
