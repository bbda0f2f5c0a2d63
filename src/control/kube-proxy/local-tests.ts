import { type Family, familyOf, parsePrefix } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { LocalDetector } from './config.ts'
import type { LocalTests } from './service-chains.ts'

/** How a node's rules tell packets of pods; undefined = they do not. */
export function localTestsOf(
  detector: LocalDetector | undefined,
  family: Family,
  node: ClusterNode,
): LocalTests | undefined {
  switch (detector?.kind) {
    case undefined:
      return undefined
    case 'cidr': {
      const source = detector.cidrs[family]
      return source === undefined ? undefined : { local: { source }, notLocal: { notSource: source } }
    }
    case 'node-cidr': {
      const { podCIDR, podCIDRs = podCIDR === undefined ? [] : [podCIDR] } = node.resource.spec ?? {}
      const source = podCIDRs.flatMap((text) => parsePrefix(text) ?? []).find((range) => familyOf(range) === family)
      return source === undefined ? undefined : { local: { source }, notLocal: { notSource: source } }
    }
    case 'interface': {
      const { name } = detector
      return { local: { input: { name } }, notLocal: { input: { name, invert: true } } }
    }
  }
}
