import type { FailureCode } from '../../failures/index.ts'
import type { DecidedPlace } from '../deciders/place.ts'
import type { Way } from '../way.ts'

/** What an observation does to a candidate. */
export interface Effect {
  readonly failure: FailureCode
  /** `decides`: hardly anything else looks so. */
  readonly effect: 'decides' | 'supports' | 'excludes'
}

/** What an observation says, and what follows from it. */
export interface Reading {
  readonly says: string
  readonly effects: readonly Effect[]
  /** It is told although nothing follows for a candidate. */
  readonly isTold?: true
}

/** What a reading depends on. */
export interface Ground {
  readonly place: DecidedPlace
  readonly way: Way | undefined
}

/** A reading of a line, with who printed it. */
export interface Speaker extends Ground {
  /** `node01: `, or '' where no prompt says. */
  readonly where: string
  /** It was printed where the packet is sent, or nobody says where. */
  readonly isSender: boolean
  /** It was printed on the other node. */
  readonly isPeer: boolean
}

type Codes = readonly FailureCode[]

const list = (effect: Effect['effect'], codes: Codes): Effect[] => codes.map((failure) => ({ failure, effect }))
export const decides = (...codes: Codes): Effect[] => list('decides', codes)
export const supports = (...codes: Codes): Effect[] => list('supports', codes)
export const excludes = (...codes: Codes): Effect[] => list('excludes', codes)

/** Failures by which no route leads to the other node. */
export const ROUTES: Codes = ['F34', 'F36', 'F37', 'F38', 'F39', 'F41', 'F42', 'F43']
/** Failures by which a packet does not leave its node. */
export const LEAVING: Codes = ['F12', 'F45', 'F47', 'F49', ...ROUTES]
/** Failures of the network between. */
export const UNDERLAY: Codes = ['F01', 'F02', 'F03', 'F04', 'F06', 'F07', 'F08', 'F18']
/** Failures at which nothing at all passes. */
export const TOTAL: Codes = [...UNDERLAY, ...LEAVING, 'F10', 'F11', 'F13', 'F44', 'F48', 'F50', 'F59', 'F87']
