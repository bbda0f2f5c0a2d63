import { clusterIpsOf } from '../../control/index.ts'
import { invalid, type Lab } from '../../lab/index.ts'
import { didYouMean, InputError } from '../../model/index.ts'
import { contains, type Ip, type Prefix, parseIp, parsePrefix } from '../../wire/index.ts'
import { type EndClass, restricted } from './classes.ts'
import { type Member, serviceTitle } from './members.ts'

const KINDS: readonly EndClass['kind'][] = ['pods', 'nodes', 'service', 'outside']

/**
 * The classes of the ends that some words name, each with those of its members alone: `NAMESPACE/POD`, `NAMESPACE/*`, `node/NAME`,
 * `svc/NAMESPACE/NAME` (a headless one: those that DNS leads to), `pods`, `nodes`, `services`, `outside`, an address or a range outside, or what
 * `lab.endpoint` takes.
 *
 * @throws InputError for a word that names nobody
 */
export function selected(
  lab: Lab,
  classes: readonly EndClass[],
  words: readonly string[] | undefined,
): readonly EndClass[] {
  if (words === undefined || words.length === 0) return classes
  const tests = words.map((word) => testOf(lab, classes, word))
  return classes.flatMap((one) => {
    const members = one.members.filter((member) => tests.some((test) => test(one, member)))
    if (members.length === 0) return []
    return members.length === one.members.length ? [one] : [restricted(one, members)]
  })
}

type Test = (one: EndClass, member: Member) => boolean

function testOf(lab: Lab, classes: readonly EndClass[], word: string): Test {
  const kind = KINDS.find((one) => one === word || one === word.replace(/s$/, ''))
  if (kind !== undefined) return (one) => one.kind === kind
  if (word.endsWith('/*')) {
    const start = word.slice(0, -1)
    if (classes.some((one) => one.members.some(({ name }) => name.startsWith(start)))) {
      return (_one, { name }) => name.startsWith(start)
    }
  }
  if (has(classes, word)) return (_one, { name }) => name === word
  const address = parseIp(word)
  const range = address === undefined ? parsePrefix(word) : undefined
  const place = address ?? range?.split('/')[0]
  if (place !== undefined) {
    const holder = outsideOf(classes, place as Ip)
    if (holder !== undefined && !isHeld(classes, place as Ip)) return (one) => one === holder
  }
  const answers = headless(lab, word)
  if (answers !== undefined) {
    const holders = new Set([...answers].filter((one) => !isHeld(classes, one)).map((one) => outsideOf(classes, one)))
    return (one, { addresses }) =>
      one.kind === 'outside' ? holders.has(one) : Object.values(addresses).some((address) => answers.has(address))
  }
  const { label } = lab.endpoint(word)
  if (has(classes, label)) return (_one, { name }) => name === label
  throw nobody(classes, word)
}

/** The addresses that DNS has for a headless Service; undefined for what is none. @throws InputError where it has none */
function headless({ cluster }: Lab, word: string): ReadonlySet<Ip> | undefined {
  const found = cluster?.resources.services.find(
    (service) => word === serviceTitle(service) && clusterIpsOf(service).length === 0,
  )
  if (cluster === null || found === undefined || found.spec.type === 'ExternalName') return undefined
  const addresses = cluster.dnsAddresses(found)
  if (addresses.length === 0) throw invalid('a Service that DNS has addresses for', `${word}: none is ready`)
  return new Set(addresses)
}

function has(classes: readonly EndClass[], word: string): boolean {
  return classes.some(({ members }) => members.some(({ name }) => name === word))
}

/** Whether somebody of the cluster has an address. */
function isHeld(classes: readonly EndClass[], address: Ip): boolean {
  return classes.some(
    ({ kind, members }) =>
      kind !== 'outside' && members.some(({ addresses }) => Object.values(addresses).includes(address)),
  )
}

/** The class outside that an address is of. */
function outsideOf(classes: readonly EndClass[], address: Ip): EndClass | undefined {
  const isIn = (nets: readonly string[]): boolean => nets.some((net) => contains(net as Prefix, address))
  return classes.find(
    ({ kind, members, except = [] }) => kind === 'outside' && isIn(members.map(({ name }) => name)) && !isIn(except),
  )
}

function nobody(classes: readonly EndClass[], word: string): InputError {
  const names = classes.flatMap(({ members }) => members.map(({ name }) => name))
  const expected = `NAMESPACE/POD, NAMESPACE/*, node/NAME, svc/NAMESPACE/NAME, pods, nodes, services, outside, or a range outside; ${didYouMean(word, names)}`
  return new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: `"${word}"` }])
}
