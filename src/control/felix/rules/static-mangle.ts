import { setName } from '../felix-set.ts'
import type { FelixChain, FelixRule } from './chain.ts'
import { mangleAllow, type RuleContext } from './context.ts'
import {
  ALLOWED_BEFORE,
  BY_HOST_POLICY,
  builtInJump,
  clearMark,
  ctState,
  ESTABLISHED,
  inSet,
  jumpTo,
  marked,
  notInSet,
  RETURN,
  rule,
} from './words.ts'

function preroutingChain(context: RuleContext): FelixChain {
  const allow = mangleAllow(context)
  const accepted = marked(context.marks.accept)
  return {
    name: 'cali-PREROUTING',
    rules: [
      rule([ESTABLISHED], allow, { meaning: { kind: 'established' } }),
      rule([accepted], allow, { meaning: ALLOWED_BEFORE }),
      rule([], jumpTo('cali-from-host-endpoint')),
      rule([accepted], allow, { comment: BY_HOST_POLICY, meaning: ALLOWED_BEFORE }),
    ],
  }
}

/** Pods with a DSCP of their own, towards what is outside the cluster. */
function dscpRule({ family, traits }: RuleContext): FelixRule[] {
  if (!traits.egressDscp) return []
  const match = [
    inSet(setName('dscp-src-net', family), 'src'),
    notInSet(setName(traits.poolSet, family), 'dst'),
    notInSet(setName('this-host', family), 'dst'),
  ]
  return [rule(match, jumpTo('cali-egress-dscp'), { comment: 'set dscp for traffic leaving cluster.' })]
}

/** What a node sends to a Service is asked about here: its way out is known only now. */
function postroutingChain(context: RuleContext): FelixChain {
  const accepted = marked(context.marks.accept)
  return {
    name: 'cali-POSTROUTING',
    rules: [
      ...dscpRule(context),
      rule([accepted], RETURN),
      rule([], clearMark(context.marks.all)),
      rule([ctState('DNAT')], jumpTo('cali-to-host-endpoint')),
      rule([accepted], RETURN, { comment: BY_HOST_POLICY }),
    ],
  }
}

/** The chains of the mangle table that are the same for all endpoints. @calico felix/rules/static.go */
export function staticMangleChains(context: RuleContext): FelixChain[] {
  return [
    preroutingChain(context),
    postroutingChain(context),
    ...(context.traits.egressDscp ? [{ name: 'cali-egress-dscp', rules: [] }] : []),
  ]
}

/** What Felix has in chains of the kernel. */
export function mangleBuiltIns(): FelixChain[] {
  return ['PREROUTING', 'POSTROUTING'].map((name) => builtInJump(name))
}
