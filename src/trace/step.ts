import { type Carried, carried, lateMembers, type Stamp } from '../model/index.ts'
import type { Hop } from './hop.ts'

/**
 * A hop as it is read. Most hops are only passed, and a trace holds hundreds, so their words are getters of a class;
 * {@link spelledOut} makes plain data of a step when somebody asks for the hops of a trace. Fields are declared only: defined, each
 * would be written twice, in a function of its own.
 */
export abstract class Step implements Stamp {
  declare readonly time: number
  declare readonly netns: string
  declare readonly dev: string
  declare readonly packet: number
  /** The members that the hop has as plain data. */
  abstract get shape(): Shape

  constructor({ time, netns, dev, packet }: Stamp, ownDev: string = dev) {
    this.time = time
    this.netns = netns
    this.dev = ownDev
    this.packet = packet
  }
}

/** The members of a hop as a step has them: what may be absent is undefined. */
export type Whole<H> = { readonly [K in keyof Required<H>]: undefined extends H[K] ? H[K] | undefined : H[K] }

/** A member of a hop: read at once, or, where it gives it, when somebody reads it. */
interface Member {
  readonly key: string
  readonly give?: (hop: object, step: object) => void
}

/** The members of a kind of hop, in the order of all hops: JSON shows it. One whose value is undefined is left out. */
export type Shape = readonly Member[]

/** Says that a member is made when it is first read. */
export interface Late {
  readonly late: string
  /** A member of the step that is undefined where this one is left out. */
  readonly where?: string
}

/** A member that is made when it is first read. */
export function late(key: string, where?: string): Late {
  return where === undefined ? { late: key } : { late: key, where }
}

const HEAD = ['kind', 'time', 'netns', 'dev', 'packet'] as const

/** The shape of a kind of hop: what follows the head of every hop. */
export function shapeOf(...members: readonly (string | Late)[]): Shape {
  return [...HEAD, ...members].map((one) => (typeof one === 'string' ? { key: one } : lateMember(one)))
}

type Values = Readonly<Record<string, unknown>>

function lateMember({ late: key, where }: Late): Member {
  const give = lateMembers<Values>({ [key]: (step) => step[key] }) as NonNullable<Member['give']>
  if (where === undefined) return { key, give }
  return {
    key,
    give: (hop, step) => {
      if ((step as Values)[where] !== undefined) give(hop, step)
    },
  }
}

const stepsOfHops: Carried<Step> = carried()

/** A hop as plain data, its words made when they are read. */
export function spelledOut(read: Hop): Hop {
  if (!(read instanceof Step)) return read
  const hop: Record<string, unknown> = {}
  for (const { key, give } of read.shape) {
    if (give !== undefined) give(hop, read)
    else {
      const value = (read as unknown as Values)[key]
      if (value !== undefined) hop[key] = value
    }
  }
  stepsOfHops.give(hop, read)
  return hop as unknown as Hop
}

/** The step a hop is, or was spelled out of; undefined for hops of other origin. */
export function stepOf(hop: object): Step | undefined {
  return hop instanceof Step ? hop : stepsOfHops.of(hop)
}
