import type { Lab } from '../../lab/index.ts'
import { interfaceOf } from '../../model/index.ts'
import { prefixLength } from '../../wire/index.ts'
import type { Guess } from '../shown.ts'

const AT = { stage: 'host.fib', code: 'NO_ROUTE' } as const

/**
 * An address that calico-node took for the node's and that is not on the card it sends by: on a card beside it, or on what came later,
 * a bridge, a dummy, a VIP of one address. Nothing where the address is that of the card.
 */
export function strangeAddress({ cluster, network }: Lab, name: string): readonly Guess[] {
  const own = cluster?.nodes.find((node) => node.name === name)?.ipv4
  const ns = network.namespaces[name]
  if (own === undefined || ns === undefined) return []
  const card = ns.routes.find(({ dst, dev }) => prefixLength(dst) === 0 && dev !== undefined)?.dev
  const holder = Object.values(ns.interfaces).find((dev) => dev.addresses.some(({ local }) => local === own.address))
  if (card === undefined || interfaceOf(ns, card) === undefined || holder?.name === card) return []
  const because = `Calico has ${own.address} for ${name}, which is ${holder === undefined ? 'on no interface of it' : `on ${holder.name}`} and not on ${card} that it sends by`
  const isLater = holder !== undefined && (holder.kind !== 'ethernet' || own.length === 32)
  return isLater
    ? [
        { failure: 'F22', fits: 3, because, loss: AT },
        { failure: 'F21', fits: 2, because, loss: AT },
      ]
    : [
        { failure: 'F21', fits: 3, because, loss: AT },
        { failure: 'F22', fits: 2, because, loss: AT },
      ]
}
