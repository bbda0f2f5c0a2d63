import { lackingPattern, literalPattern } from '../../model/index.ts'
import type { Decider } from '../diagnosis.ts'
import type { DecidedPlace } from './place.ts'

type Text = string | ((place: DecidedPlace) => string)

/** What decides one failure at a place. */
export type Row = (place: DecidedPlace) => Decider

/** Deciding commands by failure. */
export type Rows = Readonly<Record<`F${number}`, Row>>

/** A command, with a regular expression of what it prints if so, and both outcomes in words. */
export function on(
  at: 'node' | 'peer' | 'from' | 'askerNode' | '',
  command: Text,
  shows: Text,
  ifSo: string,
  ifNot: string,
): Row {
  const textOf = (text: Text, place: DecidedPlace): string => (typeof text === 'string' ? text : text(place))
  return (place) => ({
    at: at === '' ? '' : place[at],
    command: textOf(command, place),
    shows: textOf(shows, place),
    ifSo,
    ifNot,
  })
}

/** A text inside a regular expression. */
export function literal(text: string): string {
  return literalPattern(text).replaceAll('/', '\\/')
}

/** An output without something. */
export function without(text: string): string {
  return lackingPattern(text)
}

export const six = ({ target }: DecidedPlace): string => (target.includes(':') ? '-6 ' : '')
export const tables = ({ target }: DecidedPlace): string => (target.includes(':') ? 'ip6tables' : 'iptables')
export const routeGet = (place: DecidedPlace): string => `ip ${six(place)}route get ${place.target}`
export const sessions = 'calicoctl node status'
export const pools = 'calicoctl get ippool -o wide'
export const nodes = 'calicoctl get nodes -o wide'
export const POD_ROUTE = 'a route to the block, by a tunnel or by the other node'
