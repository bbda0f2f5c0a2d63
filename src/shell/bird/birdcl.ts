import { birdConfiguration, nodeStatus, pathsAtNode, worldOfCluster } from '../../control/index.ts'
import { didYouMean } from '../../model/index.ts'
import { type Family, parseIp } from '../../wire/index.ts'
import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { type BirdDesk, named } from './bird-desk.ts'
import { birdClock, birdMoment } from './bird-time.ts'
import { interfacesSummary, interfacesText } from './interfaces-text.ts'
import { PROTOCOL_HEAD, protocolDetails, protocolLine, protocolsOf } from './protocol-text.ts'
import { showRoute } from './show-route.ts'
import { birdTable } from './table.ts'

/** What Calico's build of BIRD calls itself. */
const VERSION = 'v0.3.3+birdv1.6.8'

/** `birdcl [-s SOCKET] COMMAND…`, `birdcl6`: what BIRD of a node says of itself. */
export function birdCommand(host: Host, words: readonly string[]): Run {
  const [tool = ''] = words
  const rest = [...words.slice(1)]
  let family: Family = tool.endsWith('6') ? 6 : 4
  while (rest[0]?.startsWith('-')) {
    const option = rest.shift()
    if (option === '-r' || option === '-v') continue
    if (option !== '-s') return failed(`${tool}: invalid option -- '${option?.slice(1)}'`)
    const socket = rest.shift() ?? ''
    if (!/\/bird6?\.ctl$/.test(socket)) return noSocket(socket, 'No such file or directory')
    family = socket.endsWith('bird6.ctl') ? 6 : 4
  }
  const socket = `/var/run/calico/bird${family === 6 ? '6' : ''}.ctl`
  const cluster = host.lab.birdOf(host.netns)
  const node = cluster?.confd().nodes.get(host.netns)
  if (cluster === null || node === undefined || cluster.settings.backend !== 'bird') {
    return noSocket(socket, 'No such file or directory')
  }
  const config = birdConfiguration(cluster.confd(), node, family)
  if ('fault' in config) return failed(`packetwalk: confd writes no configuration for BIRD: ${config.fault}`)
  const clusterNode = cluster.nodes.find(({ name }) => name === host.netns)
  const peers = clusterNode === undefined ? [] : nodeStatus(cluster.bgp, clusterNode, cluster.bgpFaults)
  const table: BirdDesk['table'] = (about) => {
    const paths = pathsAtNode(cluster, family, host.netns, about === undefined ? undefined : parseIp(about))
    return birdTable(host, config, paths instanceof Map ? paths : new Map())
  }
  const world = worldOfCluster(cluster, family)
  const [since, times] = [host.lab.birdSince(host.netns), birdClock(host.lab.simulation)]
  const protocols = protocolsOf(
    config,
    peers.filter((one) => one.family === family),
    'fault' in world ? [] : world.sessionsOf(host.netns),
    { started: times.short(since?.started ?? 0), session: (peer) => times.short(since?.session(family, peer) ?? 0) },
  )
  const status = { now: birdMoment(times.now), started: birdMoment(times.wall(since?.started ?? 0)) }
  const said = answer({ host, config, protocols, table, status }, commandOf(rest))
  return typeof said === 'string' ? printed(`BIRD ${VERSION} ready.\n${said}`) : said
}

/** Words of a command: `birdcl show route` and `birdcl "show route"` are the same. */
function commandOf(words: readonly string[]): readonly string[] {
  const bare = (word: string): string => word.replace(/^"(.*)"$/, '$1')
  return words.flatMap((word) => (word.match(/"[^"]*"|[^\s"]+/g) ?? []).map(bare))
}

function noSocket(path: string, why: string): Run {
  return failed(`Unable to connect to server control socket (${path}): ${why}`)
}

/** Commands of BIRD that are known to it and not here. */
const NOT_MODELLED: ReadonlySet<string> = new Set([
  'debug',
  'mrtdump',
  'echo',
  'reload',
  'dump',
  'eval',
  'down',
  'graceful',
])
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set(['memory', 'symbols', 'roa', 'ospf', 'rip', 'babel', 'static'])

function answer(desk: BirdDesk, words: readonly string[]): string | Run {
  const [verb = '', noun = '', ...more] = words
  const isOf = (word: string, full: string): boolean => word !== '' && full.startsWith(word)
  if (verb === '') return failed('packetwalk: birdcl is not interactive here: birdcl show protocols', 2)
  if (isOf(verb, 'show')) {
    if (noun.length > 0 && isOf(noun, 'protocols')) return showProtocols(desk, more)
    if (noun.length > 1 && isOf(noun, 'route')) return showRoute(desk, more)
    if (noun.length > 1 && isOf(noun, 'status')) return showStatus(desk)
    if (isOf(noun, 'interfaces')) return showInterfaces(desk, more)
    if (noun === 'bfd') return 'There is no BFD protocol running\n'
    if (SHOWN_ELSEWHERE.has(noun)) return failed(`packetwalk: birdcl show ${noun} is not modelled`, 2)
    return NO_SUCH_COMMAND
  }
  if (isOf(verb, 'configure') && verb.length > 1) return configure(desk.config.family, words.slice(1))
  if (verb === 'enable' || verb === 'disable' || verb === 'restart') return changeProtocol(desk, verb, noun)
  if (NOT_MODELLED.has(verb)) return failed(`packetwalk: birdcl ${verb} is not modelled`, 2)
  return NO_SUCH_COMMAND
}

const NO_SUCH_COMMAND = "No such command. Press `?' for help.\n"

/** `show protocols [all] [NAME|"PATTERN"]`. */
function showProtocols({ config, protocols, table }: BirdDesk, words: readonly string[]): string {
  const all = words.includes('all')
  const [name] = words.filter((word) => word !== 'all')
  const shown = name === undefined ? protocols : named(protocols, name)
  if (typeof shown === 'string') return shown
  const routes = all ? table() : []
  const parts = shown.map((one) => `${protocolLine(one)}\n${all ? protocolDetails(one, config, routes) : ''}`)
  return `${PROTOCOL_HEAD}\n${parts.join('')}`
}

function showStatus({ config, status }: BirdDesk): string {
  return [
    `BIRD ${VERSION}`,
    ...(config.routerId === undefined ? [] : [`Router ID is ${config.routerId}`]),
    `Current server time is ${status.now}`,
    `Last reboot on ${status.started}`,
    `Last reconfiguration on ${status.started}`,
    'Daemon is up and running\n',
  ].join('\n')
}

function showInterfaces({ host, config }: BirdDesk, words: readonly string[]): string {
  const [word = ''] = words
  if (word === '') return interfacesText(host.model, config.family)
  return 'summary'.startsWith(word) ? interfacesSummary(host.model, config.family) : 'syntax error\n'
}

/** A configuration that confd wrote is read again: nothing in it is new. */
function configure(family: Family, words: readonly string[]): string | Run {
  const [word = '', ...more] = words
  if (word !== '' && word !== 'soft' && word !== 'check') {
    return failed(`packetwalk: birdcl configure ${[word, ...more].join(' ')} is not modelled`, 2)
  }
  const file = `/etc/calico/confd/config/bird${family === 6 ? '6' : ''}.cfg`
  return `Reading configuration from ${file}\n${word === 'check' ? 'Configuration OK' : 'Reconfigured'}\n`
}

/** One session alone cannot be taken down: what is said of sessions is said of both ends, by whether TCP 179 passes. */
function changeProtocol({ protocols }: BirdDesk, verb: 'enable' | 'disable' | 'restart', name: string): string | Run {
  const chosen = name === 'all' ? protocols : named(protocols, name)
  if (name === '') return 'syntax error\n'
  if (typeof chosen === 'string') {
    const names = protocols.map((one) => one.name)
    return /[*?]/.test(name) ? chosen : chosen.replace(/\n$/, ` (packetwalk: ${didYouMean(name, names)})\n`)
  }
  if (verb === 'enable') return chosen.map((one) => `${one.name}: already enabled\n`).join('')
  // A session of two BIRDs is back within a second, and graceful restart keeps its routes meanwhile.
  if (verb === 'restart') return chosen.map((one) => `${one.name}: restarted\n`).join('')
  return failed(
    `packetwalk: birdcl disable ${name} is not modelled: a session goes down with TCP 179 (iptables -A INPUT -p tcp --dport 179 -j DROP) or with BIRD`,
    2,
  )
}
