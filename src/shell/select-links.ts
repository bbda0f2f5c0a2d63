import { parseScope } from '../linux/index.ts'
import { type Address, didYouMean, type Interface, type Namespace } from '../model/index.ts'
import { contains, hostPrefix, type Prefix, parseIp, parsePrefix } from '../wire/index.ts'

/** Interfaces to show, as a namespace of these alone; or why there are none. */
type Selected = { readonly ns: Namespace } | { readonly said: string; readonly exitCode: number }

type LinkTest = (link: Interface) => boolean
type AddressTest = (address: Address) => boolean

interface Tests {
  readonly links: LinkTest[]
  readonly addresses: AddressTest[]
}

const FLAGS: Readonly<Record<string, AddressTest>> = {
  dynamic: () => false,
  permanent: () => true,
  primary: (one) => one.secondary !== true,
  secondary: (one) => one.secondary === true,
  temporary: () => false,
  tentative: (one) => one.tentative === true,
  deprecated: (one) => one.deprecated === true,
  dadfailed: (one) => one.dadfailed === true,
}

/** Reads what stands behind `ip link show` and `ip addr show`. @iproute2 ip/ipaddress.c ipaddr_list_flush_or_save */
export function selectLinks(ns: Namespace, words: readonly string[], object: 'link' | 'address'): Selected {
  const tests: Tests = { links: [], addresses: [] }
  let dev: string | undefined
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const value = words[i + 1]
    if (word === 'up') tests.links.push((link) => link.up)
    else if (object === 'address' && Object.hasOwn(FLAGS, word)) tests.addresses.push(FLAGS[word] as AddressTest)
    else if (['dev', 'master', 'type', 'scope', 'to', 'label', 'group', 'vrf'].includes(word)) {
      if (value === undefined) return { said: 'Command line is not complete. Try option "help"', exitCode: 255 }
      i++
      const wrong = word === 'dev' ? undefined : valued(tests, ns, word, value, object)
      if (word === 'dev') dev = value
      if (wrong !== undefined)
        return { said: wrong, exitCode: wrong.startsWith('packetwalk') ? 2 : wrong.includes('expected') ? 1 : 255 }
    } else if (dev === undefined) dev = word
    else return { said: `Error: either "dev" is duplicate, or "${word}" is a garbage.`, exitCode: 255 }
  }
  if (dev !== undefined && !Object.hasOwn(ns.interfaces, dev)) {
    const hint = didYouMean(dev, Object.keys(ns.interfaces))
    return { said: `Device "${dev}" does not exist. (packetwalk: ${hint})`, exitCode: 1 }
  }
  if (dev !== undefined) tests.links.push((link) => link.name === dev)
  return { ns: narrowed(ns, tests) }
}

/** A test of a word with a value; a text says what is wrong with it. */
function valued(
  { links, addresses }: Tests,
  ns: Namespace,
  word: string,
  value: string,
  object: 'link' | 'address',
): string | undefined {
  switch (word) {
    case 'master':
      if (!Object.hasOwn(ns.interfaces, value)) return `Error: argument "${value}" is wrong: Device does not exist`
      links.push((link) => link.master === value)
      return undefined
    case 'type':
      links.push((link) => link.kind === value)
      return undefined
    case 'scope': {
      if (object === 'link') break
      const scope = value === 'all' ? undefined : parseScope(value)
      if (scope === undefined && value !== 'all') return `Error: argument "${value}" is wrong: invalid "scope" value.`
      if (scope !== undefined) addresses.push((one) => one.scope === scope)
      return undefined
    }
    case 'to': {
      if (object === 'link') break
      const prefix = prefixOfText(value)
      if (prefix === undefined) return `Error: any valid prefix is expected rather than "${value}".`
      addresses.push((one) => contains(prefix, one.local))
      return undefined
    }
    case 'label': {
      if (object === 'link') break
      const pattern = new RegExp(
        `^${value
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
      )
      addresses.push((one) => pattern.test(one.label ?? ''))
      return undefined
    }
    default:
  }
  return `packetwalk: "${word}" does not select here; there are dev, up, master, type, scope, to, label`
}

function prefixOfText(text: string): Prefix | undefined {
  const address = parseIp(text)
  return address === undefined ? parsePrefix(text) : hostPrefix(address)
}

/** Where addresses are selected, an interface without one of them is left out. */
function narrowed(ns: Namespace, { links, addresses }: Tests): Namespace {
  if (links.length === 0 && addresses.length === 0) return ns
  const kept = Object.values(ns.interfaces).flatMap((link): Interface[] => {
    if (!links.every((test) => test(link))) return []
    if (addresses.length === 0) return [link]
    const own = link.addresses.filter((one) => addresses.every((test) => test(one)))
    return own.length === 0 ? [] : [{ ...link, addresses: own }]
  })
  return { ...ns, interfaces: Object.fromEntries(kept.map((link) => [link.name, link])) }
}
