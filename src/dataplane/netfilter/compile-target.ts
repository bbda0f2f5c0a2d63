import type { Target } from '../../model/index.ts'
import { assertNever } from '../../wire/index.ts'
import type { SetBinding } from './compile-match.ts'
import { type Action, CONTINUE, type CompiledChain } from './rule.ts'
import { isSteadyTarget } from './steady.ts'
import {
  connmarkTarget,
  ctTarget,
  markTarget,
  setTarget,
  tosTarget,
  ttlTarget,
  unmodelledTarget,
} from './target-mark.ts'
import { masqueradeTarget, natTarget, netmapTarget, redirectTarget } from './target-nat.ts'
import { rejectTarget } from './target-reject.ts'
import { tcpmssTarget } from './target-tcpmss.ts'

const NONE: Readonly<Action> = { kind: 'none' }
const ACCEPT: Readonly<Action> = { kind: 'accept' }
const DROP: Readonly<Action> = { kind: 'drop' }
const RETURN: Readonly<Action> = { kind: 'return' }

/** Compiles what a rule does. A jump to a chain that does not exist ends the packet, by name. */
export function compileTarget(
  t: Target | undefined,
  chain: (name: string) => CompiledChain | undefined,
  sets: SetBinding,
): Action {
  if (t === undefined) return NONE
  const isSteady = isSteadyTarget(t)
  switch (t.kind) {
    case 'ACCEPT':
      return ACCEPT
    case 'DROP':
      return DROP
    case 'RETURN':
      return RETURN
    case 'jump':
    case 'goto': {
      const to = chain(t.chain)
      if (to === undefined)
        return {
          kind: 'call',
          run: unmodelledTarget(`-j ${t.chain}: there is no such chain`),
          isSteady: false,
          isPlain: false,
        }
      return { kind: t.kind, chain: to }
    }
    case 'LOG':
    case 'NFLOG':
    case 'CHECKSUM':
      return { kind: 'call', run: () => CONTINUE, isSteady, isPlain: true }
    case 'REJECT':
      return { kind: 'call', run: rejectTarget(t), isSteady, isPlain: false }
    case 'MARK':
      return { kind: 'call', run: markTarget(t), isSteady, isPlain: true }
    case 'CONNMARK':
      return { kind: 'call', run: connmarkTarget(t), isSteady, isPlain: false }
    case 'NOTRACK':
    case 'CT':
      return { kind: 'call', run: ctTarget(t), isSteady, isPlain: t.kind === 'NOTRACK' || t.notrack }
    case 'SNAT':
    case 'DNAT':
      return { kind: 'call', run: natTarget(t), isSteady, isPlain: false }
    case 'MASQUERADE':
      return { kind: 'call', run: masqueradeTarget(t), isSteady, isPlain: false }
    case 'REDIRECT':
      return { kind: 'call', run: redirectTarget(t), isSteady, isPlain: false }
    case 'NETMAP':
      return { kind: 'call', run: netmapTarget(t), isSteady, isPlain: false }
    case 'TCPMSS':
      return { kind: 'call', run: tcpmssTarget(t), isSteady, isPlain: false }
    case 'TTL':
      return { kind: 'call', run: ttlTarget(t), isSteady, isPlain: false }
    case 'TOS':
    case 'DSCP':
      return { kind: 'call', run: tosTarget(t), isSteady, isPlain: false }
    case 'SET':
      return { kind: 'call', run: setTarget(t, sets), isSteady, isPlain: false }
    case 'unsupported':
      return { kind: 'call', run: unmodelledTarget(`-j ${t.name}`), isSteady, isPlain: false }
    default:
      return assertNever(t)
  }
}
