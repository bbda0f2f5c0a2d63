import { type Chain, type IptRule, lateMembers, type Match, once, type Target } from '../../../model/index.ts'
import { prefixLength } from '../../../wire/index.ts'
import type { FelixAction, FelixChain, FelixMatch, FelixRule } from '../rules/chain.ts'
import { ruleHashes } from './rule-hash.ts'
import { commentText, hashText } from './rule-text.ts'

/** Tests of the packet's header: iptables prints them before all others, in this order. */
const HEADER_TESTS: readonly Match['kind'][] = ['source', 'destination', 'in-interface', 'out-interface', 'protocol']

/** A match as the kernel keeps it; undefined for one that asks nothing. */
function toMatch(match: FelixMatch): Match | undefined {
  switch (match.kind) {
    case 'protocol':
      return { kind: 'protocol', protocol: match.protocol, ...(match.invert === true ? { invert: true } : {}) }
    case 'source':
    case 'destination':
      return prefixLength(match.prefix) === 0 && match.invert !== true ? undefined : match
    case 'limit':
      // The tool writes units short, and takes five at once where nobody says.
      return {
        ...match,
        rate: match.rate.replace(/\/(sec|min)(ond|ute)$/, '/$1'),
        burst: match.burst === 0 ? 5 : match.burst,
      }
    default:
      return match
  }
}

function toTarget(action: FelixAction): Target {
  if (action.kind !== 'MARK') return action
  const { kind, op, value, mask } = action
  return { kind, op, value, mask }
}

const giveComment = lateMembers<() => string>({ comment: (hash) => commentText(`cali:${hash()}`) })

/** The comment with a rule's hash. No packet looks at it, and it covers all rules before: it is made when it is read. */
function hashComment(hash: () => string): Match {
  const match = { kind: 'comment' }
  giveComment(match, hash)
  return Object.freeze(match) as Match
}

function toRule({ match, action, comment = [], origin, meaning }: FelixRule, hash: () => string): IptRule {
  const matches = match.flatMap((one) => toMatch(one) ?? [])
  const place = ({ kind }: Match): number => HEADER_TESTS.indexOf(kind)
  return {
    matches: [
      ...matches.filter((one) => place(one) >= 0).sort((a, b) => place(a) - place(b)),
      hashComment(hash),
      ...comment.map((text): Match => ({ kind: 'comment', comment: commentText(text) })),
      ...matches.filter((one) => place(one) < 0),
    ],
    ...(action === undefined ? {} : { target: toTarget(action) }),
    origin,
    ...(meaning === undefined ? {} : { meaning }),
  }
}

/** The rules of a chain as iptables has them: each carries its `cali:` hash. */
export function toRules({ name, builtIn, rules }: FelixChain): IptRule[] {
  // Rules at the end of a chain of the kernel are hashed under a name of their own.
  const hashes = once(() => ruleHashes(builtIn === 'append' ? `${name}*appends*` : name, rules.map(hashText)))
  return rules.map((rule, i) => toRule(rule, () => hashes()[i]!))
}

/** A chain of Felix' own. */
export function toChain(chain: FelixChain): Chain {
  return { rules: toRules(chain) }
}
