import type { Origin } from '../../../model/index.ts'
import { hostPrefix, type Ip } from '../../../wire/index.ts'
import type { FloatingAddress } from '../floating-address.ts'
import type { FelixChain } from './chain.ts'
import type { RuleContext } from './context.ts'
import { net, rule } from './words.ts'

/** Felix orders addresses as texts. */
function byText<V>(found: ReadonlyMap<Ip, V>): (readonly [Ip, V])[] {
  return [...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** One entry a key; of several the one whose value is first as text. */
function firstBy(
  list: readonly FloatingAddress[],
  key: 'external' | 'internal',
  value: 'external' | 'internal',
): ReadonlyMap<Ip, FloatingAddress> {
  const found = new Map<Ip, FloatingAddress>()
  for (const one of list) {
    const known = found.get(one[key])
    if (known === undefined || one[value] < known[value]) found.set(one[key], one)
  }
  return found
}

/**
 * The chains of floating addresses: packets to one go to its pod. Back from the pod nothing is changed, but for a pod that
 * speaks to itself by its floating address.
 */
export function floatingChains(list: readonly FloatingAddress[], { randomFully }: RuleContext): FelixChain[] {
  const byExternal = firstBy(list, 'external', 'internal')
  const byInternal = firstBy([...byExternal.values()], 'internal', 'external')
  const to = (address: Ip): { readonly minAddress: Ip; readonly maxAddress: Ip } => ({
    minAddress: address,
    maxAddress: address,
  })
  const made = ({ origin }: FloatingAddress): { readonly origin?: Origin } => (origin === undefined ? {} : { origin })
  return [
    {
      name: 'cali-fip-dnat',
      rules: byText(byExternal).map(([external, one]) =>
        rule([net('destination', hostPrefix(external))], { kind: 'DNAT', range: to(one.internal) }, made(one)),
      ),
    },
    {
      name: 'cali-fip-snat',
      rules: byText(byInternal).map(([internal, one]) =>
        rule(
          [net('destination', hostPrefix(internal)), net('source', hostPrefix(internal))],
          { kind: 'SNAT', range: { ...to(one.external), randomFully } },
          made(one),
        ),
      ),
    },
  ]
}
