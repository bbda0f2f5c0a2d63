import {
  birdConfiguration,
  type Cluster,
  configurationText,
  explainBgp,
  type FilterFault,
  type FilterVerdict,
  runFilter,
} from '../../control/index.ts'
import { invalid } from '../../lab/index.ts'
import { didYouMean, printableLines } from '../../model/index.ts'
import { familyOf, hostPrefix, type Prefix, parseIp, parsePrefix } from '../../wire/index.ts'
import { explanationText } from '../bgp-text.ts'
import type { BGP_FORMATS, BGP_QUESTIONS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'

/** Options of `packetwalk bgp`. */
export interface BgpOptions extends SourceOptions {
  /** `--node`. */
  readonly node: string
  /** `-6`. */
  readonly ipv6?: boolean
  /** `-o`. */
  readonly output: (typeof BGP_FORMATS)[number]
}

/** Says what BIRD of a node would be configured to do, or how a prefix got to it. */
export function bgpCommand(
  what: (typeof BGP_QUESTIONS)[number],
  prefix: string | undefined,
  options: BgpOptions,
): number {
  if (what === 'config') {
    if (prefix !== undefined) throw invalid('no prefix with bgp config', `"${prefix}"`)
    return config(options)
  }
  if (prefix === undefined) throw invalid('bgp explain PREFIX, e.g. 10.65.0.0/26', 'none')
  return explain(prefix, options)
}

/** Prints what BIRD of a node would be configured to do. */
function config(options: BgpOptions): number {
  const cluster = clusterOf(options)
  const datastore = cluster.confd()
  const node = datastore.nodes.get(options.node)
  if (node === undefined) throw noSuch(options.node, [...datastore.nodes.keys()])
  const made = birdConfiguration(datastore, node, options.ipv6 === true ? 6 : 4)
  if ('fault' in made) throw written(made)
  const json = (): string => `${JSON.stringify(made, null, 2)}\n`
  return write(options.output === 'json' ? json() : configurationText(made))
}

/** Tells how a prefix got to a node, or did not. */
function explain(text: string, options: BgpOptions): number {
  const address = parseIp(text)
  const prefix = address === undefined ? parsePrefix(text) : hostPrefix(address)
  if (prefix === undefined) throw invalid('a prefix or an address, e.g. 10.65.0.0/26', `"${text}"`)
  const cluster = clusterOf(options)
  const names = [...cluster.nodes, ...cluster.bgp.routers].map(({ name }) => name)
  if (!names.includes(options.node)) throw noSuch(options.node, names)
  const told = explainBgp(cluster, prefix, options.node)
  if ('fault' in told) throw written(told)
  const kernel = told.best === undefined ? undefined : toKernel(cluster, options.node, prefix, told.best.route)
  const isJson = options.output === 'json'
  write(isJson ? jsonOf({ prefix, ...told, kernel }) : explanationText(prefix, told, kernel))
  return told.best === undefined ? EXIT.failed : EXIT.ok
}

/** What the node's filter for the kernel makes of a route; a router has none. */
function toKernel(
  cluster: Cluster,
  name: string,
  prefix: Prefix,
  route: FilterVerdict['route'],
): FilterVerdict | undefined {
  const datastore = cluster.confd()
  const node = datastore.nodes.get(name)
  const made = node === undefined ? undefined : birdConfiguration(datastore, node, familyOf(prefix))
  return made === undefined || 'fault' in made ? undefined : runFilter(made.kernel, route)
}

/** Paths tell of the paths they were made from; as JSON a name is enough. */
function jsonOf(value: unknown): string {
  const named = (key: string, member: unknown): unknown => (key === 'from' && isPath(member) ? member.at : member)
  return `${JSON.stringify(value, named, 2)}\n`
}

function isPath(value: unknown): value is { readonly at: string } {
  return typeof value === 'object' && value !== null && 'at' in value
}

function clusterOf(options: BgpOptions): Cluster {
  const { lab } = openLab(options)
  if (lab.cluster === null) throw invalid('-f FILE: what BIRD does is calculated from objects', 'dumps alone')
  return lab.cluster
}

function noSuch(name: string, known: readonly string[]): Error {
  return invalid(`a node or router; ${didYouMean(name, known)}`, `"${name}"`)
}

function written({ fault }: FilterFault): Error {
  return invalid('BGPFilters that confd can write', fault)
}

function write(text: string): number {
  process.stdout.write(printableLines(text))
  return EXIT.ok
}
