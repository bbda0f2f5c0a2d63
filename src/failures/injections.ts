import { InputError } from '../model/index.ts'
import { FAILURES } from './catalogue.ts'
import { asUndone, type Injection, type InjectionDraft } from './injection.ts'
import * as addressing from './injections/addressing.ts'
import * as bgp from './injections/bgp.ts'
import * as kernel from './injections/kernel.ts'
import * as lifecycle from './injections/lifecycle.ts'
import * as netfilter from './injections/netfilter.ts'
import * as routes from './injections/node-routes.ts'
import * as outsiders from './injections/outsiders.ts'
import * as policy from './injections/policy.ts'
import * as services from './injections/services.ts'
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
  F09: addressing.wrongMask,
  F10: lifecycle.halfChanged,
  F11: kernel.unknownPeer,
  F12: kernel.tunnelDown,
  F13: kernel.strangeVtep,
  F14: outsiders.tunnelOfPod,
  F15: underlay.smallerUnderlay,
  F16: kernel.smallerCard,
  F17: kernel.silentFragNeeded,
  F18: underlay.wireguardPort,
  F19: outsiders.hostBehindWireguard,
  F21: addressing.wrongCard,
  F22: addressing.laterBridge,
  F25: addressing.poolOverLan,
  F26: services.podAddressAsService,
  F27: services.otherClusterCidr,
  F28: addressing.disabledPool,
  F29: addressing.noPoolForNode,
  F30: addressing.exhausted,
  F31: addressing.strictAffinity,
  F32: addressing.nodeHasPodAddress,
  F34: bgp.port179,
  F35: bgp.nodeWithoutMachine,
  F36: bgp.noMesh,
  F37: bgp.sameClusterId,
  F41: bgp.birdStopped,
  F42: routes.flushedRoutes,
  F43: routes.formerCni,
  F44: routes.lostPodRoute,
  F45: kernel.noProxyArp,
  F47: kernel.noPodRoute,
  F48: kernel.strictReversePath,
  F49: kernel.noForwarding,
  F50: netfilter.forwardPolicy,
  F51: netfilter.hostFirewall,
  F54: kernel.fullConntrack,
  F57: outsiders.halfConversation,
  F59: routes.lostVeth,
  F60: policy.denyForgetsDns,
  F61: policy.denyOfNodeCache,
  F62: policy.andForOr,
  F63: policy.globalDeny,
  F64: policy.logOnly,
  F65: policy.establishedSurvives,
  F66: policy.clientHidden,
  F67: policy.nodePortOfAnother,
  F68: policy.nodesUnnamed,
  F69: policy.ownNodePasses,
  F70: netfilter.ownNode,
  F71: policy.hostEndpoint,
  F73: services.noNatOutgoing,
  F74: services.exemptDestination,
  F75: services.translatedToNodes,
  F76: services.noEndpoints,
  F77: services.noServiceRules,
  F81: services.localWithoutEndpoint,
  F82: services.noHairpin,
  F83: services.pingOfService,
  F85: lifecycle.noForwarding6,
  F86: lifecycle.lostRoute6,
  F87: lifecycle.felixStopped,
  F88: lifecycle.typhaStopped,
}

/** How a failure is brought about in a cluster. @throws InputError for what the cluster lacks, and for what is not modelled */
export function injectionOf(situation: Situation): Injection {
  const { code } = situation
  const bring = INJECTIONS[code]
  if (bring === undefined) {
    const why = FAILURES.find((failure) => failure.code === code)?.notModelled
    const expected = `a failure that can be brought about: ${why}`
    throw new InputError([{ kind: 'unsupported', file: '', path: ['failure'], expected, received: code }])
  }
  const draft = bring(situation)
  return { ...draft, mends: draft.mends ?? asUndone(situation.cluster.resources, draft.steps) }
}
