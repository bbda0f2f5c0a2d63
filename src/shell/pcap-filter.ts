import {
  contains,
  dissectFrame,
  isIpv4,
  type Layer,
  type LinkType,
  type Prefix,
  parseIp,
  parsePrefix,
} from '../wire/index.ts'

/** Whether a frame passes. */
export type FrameFilter = (bytes: Uint8Array, linkType: LinkType) => boolean

type Test = (layers: readonly Layer[]) => boolean

const PROTOCOLS: ReadonlySet<string> = new Set(['arp', 'ip', 'ip6', 'icmp', 'icmp6', 'udp', 'tcp', 'vxlan', 'ether'])
const NAMES: Readonly<Record<string, readonly string[]>> = {
  ip: ['ipv4'],
  ip6: ['ipv6'],
  icmp6: ['icmpv6'],
  ether: ['ethernet'],
}

/**
 * Compiles the part of tcpdump's filter language that people type: `arp`, `ip`, `ip6`, `icmp`, `icmp6`, `udp`, `tcp`,
 * `[src|dst] host A`, `[src|dst] net P`, `[src|dst] port N`, `proto N`, `and`, `or`, `not`, parentheses. Only the outermost
 * headers are looked at, as tcpdump does.
 * @returns the filter, or what is not understood
 */
export function compileFilter(words: readonly string[]): FrameFilter | string {
  const tokens = words
    .flatMap((w) => w.replaceAll('(', ' ( ').replaceAll(')', ' ) ').replaceAll('!', ' not ').split(/\s+/))
    .filter((w) => w !== '')
  if (tokens.length === 0) return () => true
  const parser = new Parser(tokens)
  const test = parser.expression()
  if (typeof test === 'string') return test
  if (parser.at < tokens.length) return `"${tokens[parser.at]}"`
  return (bytes, linkType) => test(dissectFrame(bytes, linkType))
}

class Parser {
  at = 0
  private readonly tokens: readonly string[]

  constructor(tokens: readonly string[]) {
    this.tokens = tokens
  }

  expression(): Test | string {
    let left = this.term()
    while (this.tokens[this.at] === 'or' || this.tokens[this.at] === '||') {
      this.at++
      const right = this.term()
      if (typeof left === 'string') return left
      if (typeof right === 'string') return right
      const a: Test = left
      left = (l) => a(l) || right(l)
    }
    return left
  }

  private term(): Test | string {
    let left = this.factor()
    for (;;) {
      const word = this.tokens[this.at]
      if (word === undefined || word === ')' || word === 'or' || word === '||') return left
      if (word === 'and' || word === '&&') this.at++
      const right = this.factor()
      if (typeof left === 'string') return left
      if (typeof right === 'string') return right
      const a: Test = left
      left = (l) => a(l) && right(l)
    }
  }

  private factor(): Test | string {
    const word = this.tokens[this.at++]
    if (word === undefined) return 'a filter that ends too early'
    if (word === 'not') {
      const inner = this.factor()
      return typeof inner === 'string' ? inner : (l) => !inner(l)
    }
    if (word === '(') {
      const inner = this.expression()
      if (this.tokens[this.at++] !== ')') return 'a parenthesis that is not closed'
      return inner
    }
    return this.primitive(word)
  }

  private primitive(word: string): Test | string {
    if (PROTOCOLS.has(word)) {
      const next = this.tokens[this.at]
      const test = hasLayer(NAMES[word] ?? [word])
      if (next !== 'host' && next !== 'port' && next !== 'src' && next !== 'dst' && next !== 'net' && next !== 'proto')
        return test
      const rest = this.factor()
      return typeof rest === 'string' ? rest : (l) => test(l) && rest(l)
    }
    if (word === 'src' || word === 'dst') return this.directed([word])
    if (word === 'host' || word === 'net' || word === 'port' || word === 'proto') {
      this.at--
      return this.directed(['src', 'dst'])
    }
    const bare = parseIp(word)
    return bare === undefined ? `"${word}"` : hasHost(['src', 'dst'], bare)
  }

  private directed(sides: readonly ('src' | 'dst')[]): Test | string {
    let kind = this.tokens[this.at++]
    if (kind === undefined) return 'a filter that ends too early'
    let value = this.tokens[this.at]
    if (kind !== 'host' && kind !== 'net' && kind !== 'port' && kind !== 'proto') {
      value = kind
      kind = 'host'
    } else this.at++
    if (value === undefined) return `${kind} without a value`
    if (kind === 'port') return /^\d+$/.test(value) ? hasPort(sides, Number(value)) : `port ${value}`
    if (kind === 'proto') return (l) => l.some((layer) => fieldOf(layer, 'protocol') === value)
    if (kind === 'net') {
      const prefix = parsePrefix(value)
      return prefix === undefined ? `net ${value} (expected a prefix, e.g. 10.0.0.0/8)` : inNet(sides, prefix)
    }
    const address = parseIp(value)
    return address === undefined ? `host ${value} (expected an address)` : hasHost(sides, address)
  }
}

function fieldOf(layer: Layer, name: string): string | undefined {
  const field = layer.fields.find((f) => f.name.toLowerCase() === name.toLowerCase())
  return field === undefined ? undefined : String(field.value)
}

function hasLayer(names: readonly string[]): Test {
  return (layers) => layers.some((layer) => names.includes(layer.protocol.toLowerCase()))
}

const ADDRESS_FIELDS: Readonly<Record<'src' | 'dst', readonly string[]>> = {
  src: ['source', 'senderProtocol'],
  dst: ['destination', 'targetProtocol'],
}
const PORT_FIELDS: Readonly<Record<'src' | 'dst', string>> = { src: 'sourcePort', dst: 'destinationPort' }

function addresses(layers: readonly Layer[], sides: readonly ('src' | 'dst')[]): string[] {
  const found: string[] = []
  for (const layer of layers) {
    for (const side of sides) {
      for (const name of ADDRESS_FIELDS[side]) {
        const field = layer.fields.find((f) => f.name === name)
        if (field !== undefined) found.push(field.text)
      }
    }
  }
  return found
}

function hasHost(sides: readonly ('src' | 'dst')[], address: string): Test {
  return (layers) => addresses(layers, sides).includes(address)
}

function inNet(sides: readonly ('src' | 'dst')[], prefix: Prefix): Test {
  return (layers) =>
    addresses(layers, sides).some((text) => {
      const ip = parseIp(text)
      return ip !== undefined && isIpv4(ip) === !prefix.includes(':') && contains(prefix, ip)
    })
}

function hasPort(sides: readonly ('src' | 'dst')[], port: number): Test {
  return (layers) => layers.some((layer) => sides.some((side) => fieldOf(layer, PORT_FIELDS[side]) === String(port)))
}
