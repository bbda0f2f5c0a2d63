import { printable } from '../../model/index.ts'
import type { TopologyMachine, TopologySegment, TopologyService, TopologyView } from '../../topology/index.ts'
import { wrap } from '../layout-text.ts'
import { folded, machinesOn } from './folded.ts'
import {
  counted,
  downWords,
  endpointWords,
  headline,
  hostWords,
  listed,
  meshWords,
  poolWords,
  selectedWords,
  serviceWords,
  systemsOf,
  tunnelWords,
} from './words.ts'

/** Nodes of a segment that are named one by one. */
const MOST_NODES = 5
/** Segments that are told one by one. */
const MOST_SEGMENTS = 8

/** A topology in a few lines: each Ethernet with its machines, then what lies above. */
export function topologyText(topology: TopologyView, width: number): string {
  const segments = topology.segments.filter(({ switched }) => switched)
  const lines = [
    headline(topology),
    ...segments.slice(0, MOST_SEGMENTS).flatMap((segment) => segmentLines(topology, segment)),
    ...(segments.length > MOST_SEGMENTS ? [`… ${counted(segments.length - MOST_SEGMENTS, 'more Ethernet')}`] : []),
    ...aboveLines(topology),
  ]
  return `${lines.flatMap((line) => wrapped(printable(line), width)).join('\n')}\n`
}

/** A line that is too long goes on under its own text. */
function wrapped(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const indent = ' '.repeat(LABEL)
  const [first = '', ...rest] = wrap(line, width)
  return [first, ...wrap(rest.join(' '), width - LABEL).map((part) => indent + part)]
}

/** One line a machine on an Ethernet. */
function segmentLines(topology: TopologyView, segment: TopologySegment): string[] {
  const { shown, more } = folded(machinesOn(topology, segment.name), MOST_NODES)
  const nodes = shown.filter(({ kind }) => kind === 'node')
  const others = shown.filter(({ kind }) => kind !== 'node')
  const pad = Math.max(...shown.map(({ name }) => name.length), 0)
  const rows = [
    ...nodes.map((machine) => machineLine(topology, machine, segment, pad)),
    ...(more === undefined
      ? []
      : [
          `… ${counted(more.count, 'more node')}, ${more.first.name} to ${more.last.name}, with ${counted(more.pods, 'pod')}`,
        ]),
    ...others.map((machine) => machineLine(topology, machine, segment, pad)),
  ]
  const title = [segment.name, ...segment.subnets].join(' ')
  return [title, ...rows.map((row, i) => `${i === rows.length - 1 ? '└' : '├'} ${row}`)]
}

function machineLine(topology: TopologyView, machine: TopologyMachine, { name }: TopologySegment, pad: number): string {
  const here = machine.interfaces.filter((one) => one.segment === name)
  const words = here.map(({ dev, addresses }) => [dev, ...addresses.map((cidr) => cidr.replace(/\/.*/, ''))].join(' '))
  const parts = [words.join(', '), ...traitsOf(topology, machine, name)]
  return `${machine.name.padEnd(pad)} ${parts.filter((part) => part !== '').join(' · ')}`
}

/** What a machine is besides; its pods are told on its first Ethernet. */
function traitsOf(topology: TopologyView, machine: TopologyMachine, segment: string): string[] {
  const { name, interfaces, podCount, reflector, kind, asNumber } = machine
  const isFirst = interfaces[0]?.segment === segment
  const blocks = topology.blocks.filter(({ owner }) => owner === name).map(({ cidr }) => cidr)
  const pods = counted(podCount, 'pod') + selectedWords(machine) + (blocks.length === 0 ? '' : ` in ${listed(blocks)}`)
  const outside = topology.segments.filter(({ switched, stations }) => !switched && stations.includes(name) && isFirst)
  return [
    ...(kind === 'node' && isFirst ? [pods] : []),
    ...(reflector === undefined || !isFirst ? [] : [`route reflector ${reflector}`]),
    ...(kind === 'router' && asNumber !== undefined ? [`AS ${asNumber}`] : []),
    ...(isFirst ? (machine.hostEndpoints ?? []) : []).map(hostWords),
    ...outside.map(({ stations }) => `cable to ${stations.filter((one) => one !== name).join(', ')}`),
  ]
}

/** Width of the words before a line. */
const LABEL = 9

function aboveLines(topology: TopologyView): string[] {
  const { tunnels, meshes, sessions, pools, services } = topology
  const label = (word: string, text: string): string => word.padEnd(LABEL) + text
  return [
    ...tunnels.map((one) => label('between', tunnelWords(one))),
    ...meshes.map((mesh) => label('BGP', meshWords(mesh, topology.machines))),
    ...(sessions.length === 0 ? [] : [label('BGP', sessionsLine(topology))]),
    ...pools.slice(0, MOST_SEGMENTS).map((pool) => label('pool', `${pool.name} ${poolWords(pool)}`)),
    ...(pools.length > MOST_SEGMENTS ? [label('', `… ${counted(pools.length - MOST_SEGMENTS, 'more pool')}`)] : []),
    ...services.slice(0, MOST_SEGMENTS).map((service) => label('Service', serviceLine(service))),
    ...(services.length > MOST_SEGMENTS
      ? [label('', `… ${counted(services.length - MOST_SEGMENTS, 'more Service')}`)]
      : []),
  ]
}

function serviceLine(service: TopologyService): string {
  const { name, endpoints } = service
  const behind = endpoints.length === 0 ? '' : ` → ${listed(endpoints.map(endpointWords))}`
  return `${name} ${serviceWords(service)}${behind}`
}

function sessionsLine({ sessions, machines }: TopologyView): string {
  const systems = systemsOf(machines)
  const named = sessions.map(({ a, b }) => `${a}–${b}${between(systems.get(a), systems.get(b))}`)
  const down = sessions.filter(({ up }) => !up)
  const what = `${counted(sessions.length, 'session')}: ${listed([...new Set(named)], 4)}`
  return down.length === 0 ? what : `${what}; ${downWords(down)}`
}

/** AS numbers, where a session joins two: `(AS 64512–65001)`. */
function between(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined || a === b ? '' : ` (AS ${a}–${b})`
}
