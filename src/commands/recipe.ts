import { sysctlKey } from '../linux/index.ts'
import {
  changedNames,
  didYouMean,
  InputError,
  lazyCount,
  lazyRecord,
  markLazy,
  type Namespace,
  Network,
  type NetworkRecipe,
  SYSCTL_DEFAULTS,
  writtenOut,
} from '../model/index.ts'
import { WithLent } from './lent.ts'
import { setSysctl } from './sysctl.ts'

/** In a network of more namespaces what nodes share stays shared before a recipe. */
const SHARED_BEYOND = 4096

/**
 * The network after a recipe, as its author means it: every namespace lies before them with all its routes, neighbours and
 * forwarding entries, those it shares with others written out, and a sysctl that is written changes what the kernel changes
 * with it. Returns this very network when the recipe changes nothing. In a network of thousands of namespaces shared entries stay
 * shared: written out they would be nodes².
 *
 * @throws InputError for a sysctl that packetwalk does not know, or a value that is no text
 */
export function applyRecipe(network: Network, recipe: NetworkRecipe): Network {
  const { namespaces, wires, shared } = network
  const lent = new WithLent(network)
  const whole = lazyCount(namespaces) > SHARED_BEYOND ? namespaces : allWrittenOut(network, lent)
  const before = whole === namespaces ? network : new Network({ namespaces: whole, wires, shared })
  const after = before.edit(recipe)
  if (after === before) return network
  const names = changedNames(whole, after.namespaces) ?? allNames(whole, after.namespaces)
  const changed = names.map((name): [string, Namespace | undefined] => {
    const edited = Object.hasOwn(after.namespaces, name) ? after.namespaces[name] : undefined
    const known = Object.hasOwn(namespaces, name) ? namespaces[name] : undefined
    if (edited === undefined || known === undefined) return [name, edited]
    const own = whole === namespaces ? edited : lent.taken(known, whole[name] as Namespace, edited)
    return [name, withKernel(known, own)]
  })
  return network.replaced(new Map(changed), after)
}

function allWrittenOut(network: Network, lent: WithLent): Network['namespaces'] {
  const { namespaces } = network
  const whole = lazyRecord(
    () => Object.keys(namespaces),
    (name) => Object.hasOwn(namespaces, name),
    (name) => {
      const ns = namespaces[name] as Namespace
      return writtenOut(network, ns, lent.entriesOf(ns))
    },
  )
  markLazy(whole, lazyCount(namespaces))
  return whole
}

function allNames(a: Network['namespaces'], b: Network['namespaces']): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((name) => !Object.hasOwn(b, name) || !Object.hasOwn(a, name) || a[name] !== b[name])
}

/** What the kernel does when the sysctls of a namespace become these. Those that reach others are written first. */
function withKernel(known: Namespace, edited: Namespace): Namespace {
  if (edited.sysctls === known.sysctls) return edited
  const written = Object.entries(edited.sysctls).filter(([key, value]) => known.sysctls[key] !== value)
  if (written.length === 0) return edited
  const left = Object.entries(edited.sysctls).filter(([key]) => Object.hasOwn(known.sysctls, key))
  const start: Namespace = {
    ...edited,
    sysctls: Object.fromEntries(left.map(([key]) => [key, known.sysctls[key] as string])),
  }
  const judged = written.map(([key, value]) => [judgedKey(edited, key, value), value] as const)
  const inOrder = [...judged.filter(([key]) => reachesOthers(key)), ...judged.filter(([key]) => !reachesOthers(key))]
  return inOrder.reduce((ns, [key, value]) => setSysctl(ns, key, value), start)
}

const reachesOthers = (key: string): boolean => key === 'net.ipv4.ip_forward' || key.includes('.all.')

const OF_DEVICE = /^(net\.ipv[46]\.(?:conf|neigh))\.(.+)\.([^.]+)$/

/** The key as the kernel spells it; dots in the name of a device are taken as slashes. @throws InputError */
function judgedKey(ns: Namespace, written: string, value: unknown): string {
  const refuse = (expected: string, received: string): never => {
    const path = ['namespaces', ns.name, 'sysctls', written]
    throw new InputError([{ kind: 'invalid', file: '', path, expected, received }])
  }
  if (typeof value !== 'string') refuse("a text, as sysctl prints it, e.g. '1'", `${typeof value} ${String(value)}`)
  const key = sysctlKey(written)
  const [, table = '', name = '', field = ''] = OF_DEVICE.exec(key) ?? []
  const known = table === '' ? key : `${table}.${field}`
  if (!Object.hasOwn(SYSCTL_DEFAULTS, known)) {
    const names = Object.keys(SYSCTL_DEFAULTS)
    refuse(`a sysctl that packetwalk works with; ${didYouMean(known, names)}`, written)
  }
  if (table === '') return key
  const dev = name.replaceAll('/', '.')
  const devices = Object.keys(ns.interfaces)
  if (dev !== 'all' && dev !== 'default' && !Object.hasOwn(ns.interfaces, dev))
    refuse(`an interface of ${ns.name}, all or default; ${didYouMean(dev, devices)}`, dev)
  return `${table}.${dev.replaceAll('.', '/')}.${field}`
}
