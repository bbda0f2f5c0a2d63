import type { TopologyHostEndpoint, TopologyMachine, TopologyPod, TopologyView } from '../../../topology/index.ts'
import type { MoreNodes } from '../folded.ts'
import { counted, SELECTED } from '../words.ts'
import { type Drawing, LINE, lettersIn } from './drawing.ts'

/** Pods that are shown one by one. */
const MOST_PODS = 3
/** Blocks that are named. */
const MOST_BLOCKS = 2
const PAD = 7

/** A pod in a box, or how many there are. */
export interface BoxPod {
  /** Name: its end stays where it is too long. */
  readonly name: string
  /** What is always shown behind it. */
  readonly address: string
  /** Some policy selects it. */
  readonly selected: boolean
}

/** What a box says. */
export interface BoxContent {
  /** Sort of box: its colours. */
  readonly kind: string
  /** Name, in bold. */
  readonly name: string
  /** Lines below it. */
  readonly lines: readonly string[]
  /** Pods inside. */
  readonly pods: readonly BoxPod[]
  /** What it stands for is at home in another Ethernet. */
  readonly again: boolean
}

/** A machine as a box of an Ethernet: what it is, and only where it is at home what is on it. */
export function contentOf(topology: TopologyView, machine: TopologyMachine, segment: string): BoxContent {
  const { name, kind, interfaces } = machine
  const again = interfaces[0]?.segment !== segment
  const here = interfaces
    .filter((one) => one.segment === segment)
    .flatMap(({ dev, addresses }) => (addresses.length === 0 ? [dev] : addresses.map((cidr) => `${dev} ${bare(cidr)}`)))
  if (again) return { kind, name, lines: here, pods: [], again }
  return { kind, name, lines: [...here, ...traitsOf(topology, machine)], pods: podsOf(machine), again }
}

function bare(cidr: string): string {
  return cidr.replace(/\/.*/, '')
}

function traitsOf(
  topology: TopologyView,
  { name, kind, asNumber, reflector, hostEndpoints = [] }: TopologyMachine,
): string[] {
  const blocks = topology.blocks.filter(({ owner }) => owner === name).map(({ cidr }) => cidr)
  const more = blocks.length - MOST_BLOCKS
  const cables = topology.segments.filter(({ switched, stations }) => !switched && stations.includes(name))
  return [
    ...(reflector === undefined ? [] : [`route reflector ${reflector}`]),
    ...(kind === 'router' && asNumber !== undefined ? [`AS ${asNumber}`] : []),
    ...cables.map(({ stations }) => `cable to ${stations.filter((one) => one !== name).join(', ')}`),
    ...blocks.slice(0, MOST_BLOCKS).map((cidr) => `block ${cidr}`),
    ...(more > 0 ? [`and ${counted(more, 'more block')}`] : []),
    ...hostEndpoints.flatMap(hostLines),
  ]
}

/** A box is narrower than the sentence about a host endpoint. */
function hostLines({ name, dev, policies }: TopologyHostEndpoint): string[] {
  const where = dev === '*' ? 'all others' : dev
  const how = policies.length === 0 ? 'no policy' : `${SELECTED} ${counted(policies.length, 'policy', 'policies')}`
  return [`host endpoint ${name}`, `  on ${where}, ${how}`]
}

function podsOf({ pods, podCount }: TopologyMachine): BoxPod[] {
  const shown = podCount > MOST_PODS ? pods.slice(0, MOST_PODS - 1) : pods
  const more = podCount - shown.length
  const rest = shown.length === 0 ? counted(more, 'pod') : counted(more, 'more pod')
  return [...shown.map(podIn), ...(more > 0 ? [{ name: rest, address: '', selected: false }] : [])]
}

function podIn({ name, addresses, policies }: TopologyPod): BoxPod {
  return {
    name: name.slice(name.indexOf('/') + 1),
    address: addresses[0] ?? '',
    selected: policies !== undefined,
  }
}

/** Pods of one workload differ in the end of their names. */
function podText({ name, address, selected }: BoxPod, width: number): string {
  const mark = selected ? `${SELECTED} ` : ''
  if (address === '') return `${mark}${name}`
  const room = Math.max(lettersIn(width) - address.length - 1 - mark.length, 4)
  return `${mark}${name.length > room ? `…${name.slice(1 - room)}` : name} ${address}`
}

/** The box that stands for nodes that are not shown. */
export function contentOfMore({ count, pods, first, last }: MoreNodes): BoxContent {
  return {
    kind: 'node',
    name: counted(count, 'more node'),
    lines: [`${first.name} to`, last.name],
    pods: pods === 0 ? [] : [{ name: counted(pods, 'pod'), address: '', selected: false }],
    again: false,
  }
}

/** How high a box is. */
export function heightOf({ lines, pods }: BoxContent): number {
  return 2 * PAD + LINE * (1 + lines.length) + pods.length * (LINE + 5)
}

/** Draws a box. */
export function drawBox(drawing: Drawing, content: BoxContent, x: number, y: number, width: number): void {
  const { kind, name, lines, pods, again } = content
  const inner = width - 2 * PAD
  drawing.box(x, y, width, heightOf(content), `m m-${kind}${again ? ' again' : ''}`)
  drawing.text(x + PAD, y + PAD, name, inner, 'b')
  for (const [i, line] of lines.entries()) drawing.text(x + PAD, y + PAD + LINE * (i + 1), line, inner)
  const top = y + PAD + LINE * (1 + lines.length)
  for (const [i, pod] of pods.entries()) {
    const at = top + i * (LINE + 5) + 3
    drawing.box(x + PAD - 2, at, inner + 4, LINE + 2, 'pod')
    drawing.text(x + PAD + 3, at, podText(pod, inner - 6), inner - 6, 'pt')
  }
}
