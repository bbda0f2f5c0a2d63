import type { FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { denyOf, isEnabled, type RuleContext, workloadDevs } from './context.ts'
import {
  ACCEPT,
  ALLOWED_BEFORE,
  builtInJump,
  clearMark,
  inDev,
  jumpTo,
  marked,
  NOTRACK,
  protocol,
  RETURN,
  rule,
  setMark,
  unmarked,
} from './words.ts'

const FAILED: FelixMatch = { kind: 'rpfilter', validmark: true, invert: true }
const WIREGUARD_MARK = 'cali-wireguard-incoming-mark'

/** The two directions of a VXLAN flow have other ports: tracked, each would be half a connection. */
function untrackedVxlan(context: RuleContext): FelixRule[] {
  if (!isEnabled(context, 'vxlan')) return []
  const { vxlanPort } = context
  return [rule([protocol(17, 'udp'), { kind: 'udp', dport: { low: vxlanPort, high: vxlanPort } }], NOTRACK)]
}

/** Whether packets come in encrypted that the way back of which is not theirs. */
function marksWireguard({ marks, wireguardHostEncryption }: RuleContext): boolean {
  return marks.wireguard !== undefined && wireguardHostEncryption
}

function acceptMarked({ marks }: RuleContext): FelixRule {
  return rule([marked(marks.accept)], ACCEPT, { meaning: ALLOWED_BEFORE })
}

function preroutingChain(context: RuleContext): FelixChain {
  const { marks } = context
  const fromPod = marked(marks.scratch0)
  return {
    name: 'cali-PREROUTING',
    rules: [
      rule([], clearMark(marks.all)),
      ...(marksWireguard(context) ? [rule([], jumpTo(WIREGUARD_MARK))] : []),
      ...untrackedVxlan(context),
      rule([inDev(workloadDevs(context))], setMark(marks.scratch0)),
      rule([fromPod], jumpTo('cali-rpf-skip')),
      rule([fromPod, FAILED], denyOf(context).action, { meaning: { kind: 'rpf' } }),
      rule([unmarked(marks.scratch0)], jumpTo('cali-from-host-endpoint')),
      acceptMarked(context),
    ],
  }
}

function outputChain(context: RuleContext): FelixChain {
  return {
    name: 'cali-OUTPUT',
    rules: [
      rule([], clearMark(context.marks.all)),
      rule([], jumpTo('cali-to-host-endpoint')),
      ...untrackedVxlan(context),
      acceptMarked(context),
    ],
  }
}

/** Marks what comes in encrypted, so that its source is not taken for a false one. */
function wireguardMarkChain(context: RuleContext): FelixChain[] {
  const bit = context.marks.wireguard
  if (bit === undefined || !marksWireguard(context)) return []
  const devs = ['lo', 'wireguard.cali', 'wg-v6.cali', workloadDevs(context)]
  return [{ name: WIREGUARD_MARK, rules: [...devs.map((dev) => rule([inDev(dev)], RETURN)), rule([], setMark(bit))] }]
}

/** The chains of the raw table that are the same for all endpoints. @calico felix/rules/static.go */
export function staticRawChains(context: RuleContext): FelixChain[] {
  return [preroutingChain(context), outputChain(context), ...wireguardMarkChain(context)]
}

/** What Felix has in chains of the kernel. */
export function rawBuiltIns(): FelixChain[] {
  return ['PREROUTING', 'OUTPUT'].map((name) => builtInJump(name))
}
