import type { FailureCode } from '../../failures/index.ts'
import type { PastedLine } from './sections.ts'

/** What came of a connection that somebody tried. */
export type Outcome = 'open' | 'refused' | 'timeout' | 'unreachable' | 'name'

/** What a line of pasted output says. A closed union. */
export type Fact =
  | {
      readonly kind: 'route'
      readonly type: string
      readonly dst: string
      readonly dev: string
      readonly via: string
      readonly isAsked: boolean
    }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'ping'; readonly to: string; readonly size: number; readonly received: number }
  | { readonly kind: 'icmp'; readonly says: 'prohibited' | 'unreachable' | 'frag-needed' }
  | { readonly kind: 'link'; readonly dev: string; readonly isUp: boolean; readonly mtu: number }
  | { readonly kind: 'no-link'; readonly dev: string }
  | { readonly kind: 'session'; readonly peer: string; readonly isUp: boolean; readonly info: string }
  | { readonly kind: 'no-sessions' }
  | { readonly kind: 'no-bird' }
  | {
      readonly kind: 'frame'
      readonly outer: 'ipip' | 'vxlan' | 'wireguard' | 'plain'
      readonly source: string
      readonly destination: string
      readonly isIn: boolean
    }
  | { readonly kind: 'bad-checksum' }
  | { readonly kind: 'unanswered-arp'; readonly target: string }
  | { readonly kind: 'no-frames'; readonly filter: string }
  | { readonly kind: 'chain-policy'; readonly chain: string; readonly drops: boolean; readonly packets: number }
  | { readonly kind: 'rule'; readonly target: string; readonly packets: number; readonly text: string }
  | { readonly kind: 'counter'; readonly name: string; readonly value: number }
  | { readonly kind: 'sysctl'; readonly key: string; readonly value: string }
  | { readonly kind: 'kernel'; readonly failure: FailureCode }
  | { readonly kind: 'event'; readonly failure: FailureCode }
  | {
      readonly kind: 'pod'
      readonly name: string
      readonly isReady: boolean
      readonly status: string
      readonly ip: string
      readonly node: string
    }
  | { readonly kind: 'node'; readonly name: string; readonly isReady: boolean }
  | { readonly kind: 'pool'; readonly name: string; readonly nat: boolean; readonly isDisabled: boolean }
  | { readonly kind: 'member'; readonly address: string; readonly set: string; readonly isIn: boolean }
  /** A hop of traceroute, tracepath or mtr; address '' for one that does not answer; `mark` as `!H`. */
  | { readonly kind: 'hop'; readonly number: number; readonly address: string; readonly mark: string }
  /** The MTU that tracepath found. */
  | { readonly kind: 'path-mtu'; readonly mtu: number }
  /** A connection that was tried, as curl, wget and nc tell of it; `to` '' where the line does not say. */
  | { readonly kind: 'tried'; readonly outcome: Outcome; readonly to: string; readonly port: number }
  /** An entry of the table of connections: who asks whom, and what the answer is expected from. */
  | {
      readonly kind: 'connection'
      readonly protocol: string
      readonly state: string
      readonly isUnanswered: boolean
      readonly source: string
      readonly destination: string
      readonly answerFrom: string
      readonly answerTo: string
    }
  /** Endpoints of a Service. */
  | { readonly kind: 'endpoints'; readonly name: string; readonly addresses: readonly string[] }
  /** A socket that listens. */
  /** A socket of a connection: both ends. */
  | { readonly kind: 'socket'; readonly state: string; readonly local: string; readonly remote: string }
  | { readonly kind: 'listener'; readonly address: string; readonly port: number }
  /** Packets an interface lost. */
  | { readonly kind: 'lost'; readonly what: string; readonly value: number }
  | { readonly kind: 'nothing' }

/** A fact with its line. */
export interface Observation {
  readonly fact: Fact
  readonly line: PastedLine
}

/** Takes a line for what it is; undefined for one of another form. `before` is the text of the line before it. */
export type Reader = (text: string, line: PastedLine, before: string) => Fact | undefined

type Groups = Readonly<Record<string, string | undefined>>

/** What says nothing by itself. */
export const NOTHING: Fact = { kind: 'nothing' }

/** A reader of one form of line: what stands in it by name. */
export function form(pattern: RegExp, make: (groups: Groups, line: PastedLine) => Fact | undefined): Reader {
  return (text, line) => {
    const found = pattern.exec(text)
    return found === null ? undefined : make(found.groups ?? {}, line)
  }
}

/** Fact of some kind. */
export type Of<K extends Fact['kind']> = Extract<Fact, { readonly kind: K }>

/** An address, of either family. */
export const ADDRESS = '[0-9a-fA-F.:]+'
