import { atLine, type Json, linesWithIndent } from './cursor.ts'

const STATE = 'UP|DOWN|UNKNOWN|LOWERLAYERDOWN|NOTPRESENT|DORMANT|TESTING'
const LINE = new RegExp(`^(\\S+?)(?:@(\\S+))?\\s+(${STATE})(?:\\s+(.*))?$`)

/** Whether a text is what `ip -br link` or `ip -br addr` prints. */
export function isBrief(text: string): boolean {
  const lines = linesWithIndent(text)
  return lines.length > 0 && lines.every((line) => LINE.test(line.text))
}

/**
 * `ip -br link` and `ip -br addr` as the objects their `-j` forms give. They print neither index nor MTU: links are numbered
 * as they stand, and have the MTU of their kind.
 */
export function briefObjects(text: string): Json[] {
  return linesWithIndent(text).flatMap((line, i) => {
    const match = LINE.exec(line.text)
    if (match === null) return []
    const [, name = '', peer, state = '', rest = ''] = match
    const flags = /<([^>]*)>/.exec(rest)?.[1]
    const words = rest.replace(/<[^>]*>/, '').split(/\s+/)
    const mac = words.find((word) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(word))
    const addresses = words.filter((word) => /^[0-9a-f.:]+\/\d+$/i.test(word))
    const isLoopback = name === 'lo'
    const link: Json = {
      ifindex: i + 1,
      ifname: name,
      flags: flags === undefined ? flagsOf(state, isLoopback) : flags.split(','),
      mtu: isLoopback ? 65536 : 1500,
      operstate: state,
      link_type: isLoopback ? 'loopback' : peer === 'NONE' ? 'ipip' : 'ether',
      ...(mac === undefined ? {} : { address: mac }),
      ...(peer === undefined ? {} : peerOf(peer)),
      addr_info: addresses.map((word) => atLine(addressOf(word), line.number)),
    }
    return [atLine(link, line.number)]
  })
}

function flagsOf(state: string, isLoopback: boolean): string[] {
  if (isLoopback) return ['LOOPBACK', 'UP', 'LOWER_UP']
  if (state === 'UP' || state === 'UNKNOWN') return ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']
  return state === 'LOWERLAYERDOWN' ? ['NO-CARRIER', 'BROADCAST', 'MULTICAST', 'UP'] : ['BROADCAST', 'MULTICAST']
}

function peerOf(peer: string): Json {
  if (peer === 'NONE') return { link: null }
  return /^if\d+$/.test(peer) ? { link_index: Number(peer.slice(2)) } : { link: peer }
}

function addressOf(word: string): Json {
  const [local = '', length] = word.split('/')
  const family = local.includes(':') ? 'inet6' : 'inet'
  const scope = /^fe80:/i.test(local) ? 'link' : local === '::1' || local.startsWith('127.') ? 'host' : 'global'
  return { family, local, prefixlen: Number(length), scope }
}
