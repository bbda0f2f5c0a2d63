import type { Contrast } from '../objects/compared.ts'
import { writerOf } from './chains.ts'
import type { Guess } from './finding.ts'
import { writerOfRule } from './others.ts'
import type { Scene } from './scene.ts'

/** What a difference of a set is taken for. */
export function setGuess({ kind, expected, found }: Contrast): Guess {
  if (kind === 'missing') return { cause: 'not_programmed' }
  const [wanted, there] = [membersOf(expected), membersOf(found)]
  const added = there.filter((one) => !wanted.includes(one))
  const lost = wanted.filter((one) => !there.includes(one))
  const words = [
    ...(lost.length === 0 ? [] : [`without ${shown(lost)}`]),
    ...(added.length === 0 ? [] : [`with ${shown(added)} besides`]),
  ]
  return { cause: 'stale_set', ...(words.length === 0 ? {} : { seen: words.join(', ') }) }
}

function membersOf(side: Contrast['expected']): readonly string[] {
  return side?.entry.of === 'ipset' ? side.entry.set.members : []
}

function shown(members: readonly string[]): string {
  const more = members.length - 3
  return `${members.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What a difference of a policy rule is taken for. */
export function ruleGuess({ kind, found }: Contrast): Guess {
  if (kind === 'missing') return { cause: 'not_programmed' }
  const who = found?.entry.of === 'rule' ? writerOfRule(found.entry.rule) : undefined
  return who === undefined ? { cause: 'foreign_rule' } : { cause: 'other_component', subject: who }
}

/** Chains of kube-proxy that are of one Service. */
const OF_SERVICES = /^KUBE-(SVC|SVL|EXT|SEP|XLB|FW|SERVICES|NODEPORTS|EXTERNAL-SERVICES)/
/** Felix' chains of one endpoint, policy or profile; and those in which all of them are named. */
const OF_ENDPOINTS = /^cali-(tw|fw|sm|th|fh|thfw|fhfw)-/
const OF_POLICIES = /^cali-(pi|po|gi|go|pri|pro)-/
const DISPATCH = /^cali-(to|from|set-endpoint-mark|from-endpoint-mark)/

/** What a difference of a chain is taken for. */
export function chainGuess(scene: Scene, { kind, expected, found }: Contrast): Guess {
  const entry = (expected ?? found)?.entry
  if (entry?.of !== 'chain') return { cause: 'rules_edited' }
  const { chain, isHook } = entry.chain
  if (isHook) return { cause: 'rules_flushed', seen: 'a chain of the kernel no longer jumps to it' }
  if (writerOf(chain) === 'kube-proxy')
    return OF_SERVICES.test(chain) ? { cause: 'stale_service' } : { cause: 'rules_edited' }
  if (OF_POLICIES.test(chain)) return { cause: 'stale_policy' }
  if (OF_ENDPOINTS.test(chain) && kind !== 'changed') return endpointChain(scene, chain, kind)
  if (OF_ENDPOINTS.test(chain)) return { cause: 'stale_policy' }
  if (DISPATCH.test(chain) && kind !== 'missing') return { cause: 'stale_endpoint' }
  return kind === 'missing' ? { cause: 'rules_flushed' } : { cause: 'rules_edited' }
}

/** A chain has the end of the name of its interface. */
function endpointChain({ podBehind, dumped }: Scene, chain: string, kind: Contrast['kind']): Guess {
  if (kind === 'extra') return { cause: 'stale_endpoint' }
  const pod = podBehind(chain.replace(/^cali-[a-z]+-/, ''))
  if (pod === undefined) return { cause: 'not_programmed' }
  const hasEnd = dumped.interfaces[pod.interfaceName] !== undefined
  return { cause: hasEnd ? 'not_programmed' : 'pod_not_wired', subject: pod.netns }
}
