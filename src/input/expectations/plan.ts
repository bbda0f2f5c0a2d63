import type { Place } from '../../control/index.ts'

/** Whom an expectation is about: one end by its name, or all that selectors select. */
export type ExpectedEnd =
  | { readonly kind: 'name'; readonly name: string }
  | {
      readonly kind: 'pods'
      /** Calico's selector over labels of pods; absent = every pod. */
      readonly pods?: string
      /** The namespace; absent = those that `namespaces` selects, and else every namespace. */
      readonly namespace?: string
      /** Calico's selector over labels of namespaces. */
      readonly namespaces?: string
    }
  | { readonly kind: 'nodes'; readonly nodes: string }

/** A number that is at least, at most or exactly so much. */
export interface Bound {
  readonly relation: '>=' | '<=' | '=='
  readonly value: number
}

/** What may become of a flow: it gets there, policy forbids it, something else is in its way, or nobody can tell. */
export type ExpectedVerdict = 'allow' | 'deny' | 'broken' | 'undecided'

/** How a packet may get from one end to the other. */
export type ExpectedPath = 'same-node' | 'direct' | 'ipip' | 'vxlan' | 'wireguard'

/** A failure that is brought about before what stands behind it is asked: alone, those before it are undone. */
export interface ExpectedFailure {
  /** Its code: `F15`; `none` where the cluster is as it was opened. */
  readonly failure: string
  /** A node or pod; absent = the first that fits. */
  readonly at?: string
  /** Its number in the list, from 0. */
  readonly index: number
  /** Where a field of it stands, or it itself. */
  readonly placeOf: (field: string) => Place | undefined
}

/** One expectation, as it was read. */
export interface Expectation {
  /** Its number in the list, from 0. */
  readonly index: number
  /** What is broken then; absent = nothing. */
  readonly injected?: ExpectedFailure
  /** Its name, or what it asks in words. */
  readonly name: string
  /** Where names without a namespace are looked for; absent = everywhere. */
  readonly namespace?: string
  /** Absent: only endpoints of a Service are counted. */
  readonly from?: ExpectedEnd
  readonly to: ExpectedEnd
  /** By number or name; absent = a ping. */
  readonly port?: number | string
  /** As written behind the port; absent = as the name says, or TCP. */
  readonly protocol?: 'tcp' | 'udp'
  /** Bytes of data. */
  readonly size?: number
  readonly expect: ExpectedVerdict
  /** Whether the file says what is expected; otherwise that it is allowed, or denied where `by` says by what. */
  readonly isSaid: boolean
  /** Which object decides: `KIND NAMESPACE/NAME`, or its name. */
  readonly by?: string
  /** Nodes, tunnels and gateways on the way of the request. */
  readonly via?: readonly string[]
  /** Whose address the other end sees. */
  readonly snat?: string
  readonly path?: ExpectedPath
  /** Bytes of the largest packet that gets there whole. */
  readonly mtu?: Bound
  /** Endpoints of the Service `to`. */
  readonly count?: Bound
  /** Where it stands. */
  readonly place?: Place
  /** Where a field of it stands, or it itself. */
  readonly placeOf: (field: string) => Place | undefined
}

/** A file of expectations, as it was read. */
export interface ExpectationPlan {
  /** Its name. */
  readonly name: string
  /** The file. */
  readonly file: string
  /** The expectations, in order. */
  readonly expectations: readonly Expectation[]
}
