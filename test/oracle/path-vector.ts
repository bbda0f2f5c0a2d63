// A slow telling of how routes of BGP spread, from a description and not from Calico's objects: every round everybody tells
// everybody everything it had after the round before, until a round changes nothing.

/** What a policy does with everything that goes one way over a session. */
export type OraclePolicy = 'none' | 'reject' | 'prepend' | 'prefer'

export interface OracleSpeaker {
  readonly name: string
  readonly address: string
  readonly as: number
  readonly cluster?: string
  /** A router tells its best path only, and has no policies. */
  readonly router?: boolean
}

/** A session, with what each end does with what it sends and takes. */
export interface OracleSession {
  readonly ends: readonly [string, string]
  /** By the name of the end whose policy it is. */
  readonly out: Readonly<Record<string, OraclePolicy>>
  readonly in: Readonly<Record<string, OraclePolicy>>
  readonly keepNextHop?: readonly string[]
}

export interface OraclePath {
  readonly origin: string
  readonly via: string
  readonly kind: 'own' | 'internal' | 'external'
  /** Whether it came from a client of the speaker that has it. */
  readonly fromClient: boolean
  readonly pref: number
  readonly path: readonly number[]
  readonly hop: string
  readonly originator: string
  readonly clusters: readonly string[]
  /** Whether it beats what is local. */
  readonly over: boolean
}

/** Local preference of a normal route, of a route from another AS, and what the policy `prefer` makes of it. */
const [NORMAL, FOREIGN, PREFERRED] = [2147482623, 100, 2147483247]
const PREPENDED = 64999

const byNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** Paths of everybody for one prefix; undefined where they never come to rest. */
export function spreadSlowly(
  speakers: readonly OracleSpeaker[],
  sessions: readonly OracleSession[],
  origins: readonly string[],
): ReadonlyMap<string, readonly OraclePath[]> | undefined {
  const of = new Map(speakers.map((one) => [one.name, one]))
  let state = new Map(speakers.map(({ name }) => [name, origins.includes(name) ? [ownPath(of.get(name)!)] : []]))
  for (let round = 0; round < 60; round++) {
    const next = new Map(speakers.map(({ name }) => [name, origins.includes(name) ? [ownPath(of.get(name)!)] : []]))
    for (const session of sessions) {
      for (const [from, to] of [session.ends, [...session.ends].reverse()] as [string, string][]) {
        const [sender, receiver] = [of.get(from)!, of.get(to)!]
        const known = state.get(from)!
        const best = [...known].sort((a, b) => order(a, b, of))[0]
        const all = sender.router || receiver.router ? (best === undefined ? [] : [best]) : known
        for (const path of all) {
          const told = pass(path, sender, receiver, session)
          if (told !== undefined) next.get(to)!.push(told)
        }
      }
    }
    const text = (one: typeof state): string =>
      JSON.stringify([...one].map(([name, paths]) => [name, paths.map((path) => JSON.stringify(path)).sort()]))
    if (text(next) === text(state)) return state
    state = next
  }
  return undefined
}

function ownPath({ name, address }: OracleSpeaker): OraclePath {
  const none = { fromClient: false, path: [], clusters: [], over: false }
  return { origin: name, via: name, kind: 'own', pref: NORMAL, hop: address, originator: '', ...none }
}

/** Whether a speaker has another one as client: of peers that are named by their address it does not know the cluster. */
function hasAsClient(one: OracleSpeaker, other: OracleSpeaker): boolean {
  return one.cluster !== undefined && one.as === other.as
}

function pass(
  path: OraclePath,
  sender: OracleSpeaker,
  receiver: OracleSpeaker,
  session: OracleSession,
): OraclePath | undefined {
  const internal = sender.as === receiver.as
  if (path.kind !== 'own' && path.via === receiver.name) return undefined
  if (internal && path.kind === 'internal' && !path.fromClient && !hasAsClient(sender, receiver)) return undefined
  const out = session.out[sender.name] ?? 'none'
  if (out === 'reject') return undefined
  const sentPath = out === 'prepend' ? [PREPENDED, ...path.path] : path.path
  const sentPref = out === 'prefer' ? PREFERRED : path.pref
  const wholePath = internal ? sentPath : [sender.as, ...sentPath]
  if (wholePath.includes(receiver.as)) return undefined
  const isReflected = internal && path.kind === 'internal'
  const originator = isReflected ? path.originator || path.via : ''
  const clusters = isReflected && sender.cluster !== undefined ? [sender.cluster, ...path.clusters] : []
  if (originator === receiver.name) return undefined
  if (hasAsClient(receiver, sender) && clusters.includes(receiver.cluster!)) return undefined
  const taken = session.in[receiver.name] ?? 'none'
  if (taken === 'reject') return undefined
  const keeps = path.kind !== 'own' && (internal || session.keepNextHop?.includes(sender.name) === true)
  const onWire = internal ? sentPref : FOREIGN
  return {
    origin: path.origin,
    via: sender.name,
    kind: internal ? 'internal' : 'external',
    fromClient: hasAsClient(receiver, sender),
    pref: taken === 'prefer' ? PREFERRED : onWire,
    path: taken === 'prepend' ? [PREPENDED, ...wholePath] : wholePath,
    hop: keeps ? path.hop : sender.address,
    originator,
    clusters,
    // A BGPFilter that accepts ends the filter: only what none looked at is held against the normal priority.
    over: receiver.router !== true && taken === 'none' && onWire > NORMAL,
  }
}

/** Which path comes first. */
export function order(a: OraclePath, b: OraclePath, of: ReadonlyMap<string, OracleSpeaker>): number {
  const rank = (path: OraclePath): number => (path.kind === 'own' || path.over ? 0 : 1)
  const id = (path: OraclePath): number => byNumber(of.get(path.originator || path.via)!.address)
  return (
    rank(a) - rank(b) ||
    Number(a.kind !== 'own') - Number(b.kind !== 'own') ||
    b.pref - a.pref ||
    a.path.length - b.path.length ||
    Number(a.kind === 'internal') - Number(b.kind === 'internal') ||
    id(a) - id(b) ||
    a.clusters.length - b.clusters.length ||
    byNumber(of.get(a.via)!.address) - byNumber(of.get(b.via)!.address)
  )
}
