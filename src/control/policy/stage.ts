import type { Policy } from './model.ts'

/** Which of the policies of an endpoint a list is of. */
export type Stage = 'normal' | 'forward' | 'untracked' | 'preDnat'

/** Whether a policy is of that list. */
export function isOf(policy: Policy, stage: Stage): boolean {
  switch (stage) {
    case 'untracked':
      return policy.doNotTrack
    case 'preDnat':
      return !policy.doNotTrack && policy.preDNAT
    case 'forward':
      return !policy.doNotTrack && !policy.preDNAT && policy.applyOnForward
    case 'normal':
      return !policy.doNotTrack && !policy.preDNAT
  }
}
