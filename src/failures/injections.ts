import { asUndone, type Injection, type InjectionDraft } from './injection.ts'
import * as kernel from './injections/kernel.ts'
import * as netfilter from './injections/netfilter.ts'
import * as underlay from './injections/underlay.ts'
import type { Situation } from './situation.ts'

/** How each failure is brought about; those not named are not modelled, and the catalogue says why. */
export const INJECTIONS: Readonly<Record<string, (situation: Situation) => InjectionDraft>> = {
  F01: underlay.protocol4,
  F02: underlay.protocol94,
  F03: underlay.vxlanPort,
  F04: underlay.claimedPort,
  F06: underlay.sourceCheck,
  F07: underlay.allowedAddresses,
  F08: underlay.otherSegment,
  F11: kernel.unknownPeer,
  F12: kernel.tunnelDown,
  F13: kernel.strangeVtep,
  F15: underlay.smallerUnderlay,
  F16: kernel.smallerCard,
  F17: kernel.silentFragNeeded,
  F18: underlay.wireguardPort,
  F42: kernel.flushedRoutes,
  F43: kernel.formerCni,
  F44: kernel.lostPodRoute,
  F45: kernel.noProxyArp,
  F47: kernel.noPodRoute,
  F48: kernel.strictReversePath,
  F49: kernel.noForwarding,
  F50: netfilter.forwardPolicy,
  F51: netfilter.hostFirewall,
  F54: kernel.fullConntrack,
  F59: kernel.lostVeth,
  F70: netfilter.ownNode,
}

/** How a failure is brought about in a cluster. @throws InputError for what the cluster lacks */
export function injectionOf(situation: Situation): Injection {
  const draft = INJECTIONS[situation.code]!(situation)
  return { ...draft, mends: draft.mends ?? asUndone(situation.cluster.resources, draft.steps) }
}
