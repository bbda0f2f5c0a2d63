import type { PodPlacement, Taint, Toleration } from '../control/index.ts'
import { USUAL_TOLERATIONS } from './pod-state.ts'

/** Whether a toleration is meant for a taint. @kubernetes component-helpers/scheduling/corev1 */
export function tolerates(
  { key = '', operator = 'Equal', value = '', effect = '' }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return operator === 'Equal' && key !== '' && value === (taint.value ?? '')
}

/** What a pod tolerates, with what every pod does that does not say otherwise. */
export function tolerationsOf({ tolerations = [] }: PodPlacement): readonly Toleration[] {
  const usual = USUAL_TOLERATIONS.filter(
    ({ key = '', effect = '' }) =>
      !tolerations.some((one) => (one.key ?? key) === key && (one.effect ?? effect) === effect),
  )
  return usual.length === 0 ? tolerations : [...tolerations, ...usual]
}

/** The first taint that keeps a pod from a node; undefined where none does. */
export function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[]): Taint | undefined {
  return taints.find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerations.some((one) => tolerates(one, taint)),
  )
}

/**
 * How many seconds a pod bears with a taint that sends pods away: 0 where it does not tolerate it, undefined for ever. Of several
 * tolerations the most impatient counts.
 */
export function patience(taint: Taint, tolerations: readonly Toleration[]): number | undefined {
  const meant = tolerations.filter((one) => tolerates(one, taint))
  if (meant.length === 0) return 0
  const seconds = meant.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? [])
  return seconds.length === 0 ? undefined : Math.max(0, Math.min(...seconds))
}
