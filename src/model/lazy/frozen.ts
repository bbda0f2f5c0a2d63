import { freeze } from 'immer'
import type { Network } from '../network.ts'
import { isLateList } from './list.ts'
import { isLazy } from './namespaces.ts'

const done = new WeakSet<Network>()

/**
 * The same network, none of whose parts can be written any more. Namespaces and wires that are made when they are read are frozen
 * as they are made.
 */
export function frozen(network: Network): Network {
  if (done.has(network)) return network
  done.add(network)
  if (!isLazy(network.namespaces)) freeze(network.namespaces, true)
  if (!isLateList(network.wires)) freeze(network.wires, true)
  freeze(network.shared, true)
  return Object.freeze(network)
}
