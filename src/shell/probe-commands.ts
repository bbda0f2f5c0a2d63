import { type RouteQuestion, routeGet } from '../dataplane/index.ts'
import { Arping, type ArpingOptions, Tracepath, type TracepathOptions } from '../programs/index.ts'
import { type Family, familyOf, ipv4ToNumber, ipv6ToKey, isIpv4, parseIp } from '../wire/index.ts'
import type { Host } from './host.ts'
import { resolveName } from './resolve-name.ts'
import { failed } from './result.ts'
import type { Run } from './run.ts'

/** Questions of an arping that nobody ends. */
const USUAL = 4

/** `arping [-c N] [-w S] [-i S] [-I DEVICE] [-s SOURCE] [-D] [-f] [-b] [-q] HOST`. */
export function arpingCommand(host: Host, words: readonly string[]): Run {
  const found = optionsOf(words.slice(1), 'cwiIs', 'DfbqU0A')
  if (typeof found === 'string')
    return failed(`arping: packetwalk does not know ${found}; there are -c -w -i -I -s -D -f -b -q`, 2)
  const { values, flags, names } = found
  if (flags.has('U') || flags.has('A'))
    return failed('arping: packetwalk: -U and -A are not modelled: addresses are announced by ip addr add', 2)
  const [name, ...more] = names
  if (name === undefined || more.length > 0) return failed('arping: packetwalk: arping [-c COUNT] [-I DEVICE] HOST', 2)
  const number = ['c', 'w', 'i'].find((one) => values.has(one) && !/^\d+(\.\d+)?$/.test(values.get(one) ?? ''))
  if (number !== undefined) return failed(`arping: invalid argument: '${values.get(number)}'`, 1)
  const resolved = resolveName(host, name)
  if ('why' in resolved) return failed(`arping: ${name}: Name or service not known\npacketwalk: ${resolved.why}`, 2)
  if (!isIpv4(resolved.address)) return failed(`arping: ${name}: Address family for hostname not supported`, 2)
  const ends = endsOf(host, resolved.address, values)
  if ('stdout' in ends) return ends
  const seconds = (letter: string): number | undefined => (values.has(letter) ? Number(values.get(letter)) : undefined)
  const [deadline, interval] = [seconds('w'), seconds('i')]
  const options: ArpingOptions = {
    target: ipv4ToNumber(resolved.address),
    source: flags.has('D') ? 0 : ends.source,
    dev: ends.dev,
    ...(deadline === undefined ? {} : { deadline }),
    ...(interval === undefined ? {} : { interval }),
    count: seconds('c') ?? (deadline === undefined ? USUAL : Number.POSITIVE_INFINITY),
    ...(flags.has('f') ? { once: true } : {}),
    ...(flags.has('b') ? { broadcasts: true } : {}),
    ...(flags.has('D') ? { isDuplicateCheck: true } : {}),
    ...(flags.has('q') ? { quiet: true } : {}),
    ...(host.isBusybox ? { dialect: 'busybox' as const } : {}),
  }
  host.ran = host.lab.run(new Arping(host.ns, options))
  return host.ran
}

/** The device and the source of questions: as they are given, else by the route. */
function endsOf(
  host: Host,
  dst: string,
  values: ReadonlyMap<string, string>,
): { readonly dev: string; readonly source: number } | Run {
  const [oif, src] = [values.get('I'), values.get('s')]
  const link = oif === undefined ? undefined : host.model.interfaces[oif]
  if (oif !== undefined && link === undefined) return failed(`arping: Device ${oif} not available.`, 2)
  const source = src === undefined ? undefined : parseIp(src)
  if (src !== undefined && (source === undefined || !isIpv4(source))) return failed(`arping: invalid source ${src}`, 2)
  const question: RouteQuestion = { dst: dst as RouteQuestion['dst'], ...(oif === undefined ? {} : { oif }) }
  const way = routeGet(host.ns, question)
  const dev = oif ?? (typeof way === 'string' ? undefined : way.dev)
  const from = source ?? (typeof way === 'string' ? undefined : way.src)
  if (dev === undefined || from === undefined) return failed('arping: connect: Network is unreachable', 2)
  const chosen = host.model.interfaces[dev]
  if (chosen !== undefined && !chosen.up) return failed(`arping: Interface "${dev}" is down`, 2)
  if (chosen?.mac === undefined || chosen.kind === 'loopback' || chosen.noarp === true)
    return failed(`Interface "${dev}" is not ARPable`, 2)
  return { dev, source: ipv4ToNumber(from as RouteQuestion['dst']) }
}

/** `tracepath [-4|-6] [-n] [-m HOPS] [-l LENGTH] [-p PORT] HOST`, `tracepath6`. */
export function tracepathCommand(host: Host, words: readonly string[]): Run {
  const [tool = ''] = words
  const found = optionsOf(words.slice(1), 'mlp', 'nb46')
  if (typeof found === 'string') return failed(`${tool}: packetwalk does not know ${found}; there are -n -m -l -p`, 2)
  const { values, flags, names } = found
  const [name, port, ...more] = (names[0] ?? '').split('/').concat(names.slice(1))
  if (name === undefined || name === '' || more.length > 0)
    return failed(`${tool}: packetwalk: ${tool} [-n] [-m HOPS] [-l LENGTH] HOST`, 1)
  if (flags.has('4') && flags.has('6')) return failed(`${tool}: Only one -4 or -6 option may be specified`, 2)
  const resolved = resolveName(host, name)
  if ('why' in resolved) return failed(`${tool}: ${name}: Name or service not known\npacketwalk: ${resolved.why}`, 1)
  const { address } = resolved
  const wanted = flags.has('6') || tool === 'tracepath6' ? 6 : flags.has('4') ? 4 : familyOf(address)
  if (familyOf(address) !== wanted)
    return failed(
      `${tool}: ${name}: Address family for hostname not supported\npacketwalk: ${address} is an address of IPv${familyOf(address)}`,
      1,
    )
  const numbers = tracepathNumbers(tool, wanted, values)
  if (typeof numbers === 'string') return failed(numbers, 1)
  const given = port === undefined ? {} : { port: Number(port) }
  host.ran = host.lab.run(
    new Tracepath(host.ns, {
      daddr: isIpv4(address) ? ipv4ToNumber(address) : ipv6ToKey(address),
      ...numbers,
      ...given,
    }),
  )
  return host.ran
}

/** Values of options of `tracepath`; a text says what is wrong with one. */
function tracepathNumbers(
  tool: string,
  family: Family,
  values: ReadonlyMap<string, string>,
): Pick<TracepathOptions, 'maxHops' | 'length' | 'port'> | string {
  const least = family === 4 ? 28 : 48
  const ranges = [
    ['m', 'maxHops', 0, 255],
    ['l', 'length', least + 1, family === 4 ? 65_535 : 128_000],
    ['p', 'port', 1, 65_535],
  ] as const
  const options: { maxHops?: number; length?: number; port?: number } = {}
  for (const [letter, key, low, high] of ranges) {
    const text = values.get(letter)
    if (text === undefined) continue
    const value = Number(text)
    if (Number.isInteger(value) && value >= low && value <= high) options[key] = value
    else if (letter === 'l') return `${tool}: pktlen must be within: ${least} < value <= 2147483647`
    else return `${tool}: invalid argument: '${text}': out of range: ${low} <= value <= ${high}`
  }
  return options
}

interface Options {
  readonly values: ReadonlyMap<string, string>
  readonly flags: ReadonlySet<string>
  readonly names: readonly string[]
}

/** Options of one letter, with and without a value; a text names one that is not known. */
function optionsOf(words: readonly string[], valued: string, plain: string): Options | string {
  const values = new Map<string, string>()
  const flags = new Set<string>()
  const names: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (!word.startsWith('-') || word === '-') {
      names.push(word)
      continue
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string
      if (plain.includes(letter)) flags.add(letter)
      else if (valued.includes(letter)) {
        values.set(letter, word.slice(at + 1) || (words[++i] ?? ''))
        break
      } else return word
    }
  }
  return { values, flags, names }
}
