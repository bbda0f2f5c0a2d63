import type { DriftCause, DriftFinding } from '../dumps/index.ts'
import { checkArgument, isRecord, printable } from '../model/index.ts'
import { describeDifference } from './difference-text.ts'

const TITLES: Readonly<Record<DriftCause, string>> = {
  bird_not_running: 'BIRD is not running',
  no_bgp_session: 'BIRD has no session',
  bgp_session_down: 'no BGP session',
  not_announced: 'a block is not announced',
  felix_not_running: 'Felix is not running',
  not_programmed: 'Felix has not written it',
  pod_not_wired: 'a pod has no host end',
  other_release: 'another release of Calico',
  other_setting: 'another setting of Felix',
  other_encapsulation: 'another encapsulation',
  moved: 'it leads elsewhere',
  stale_route: 'a stale route',
  stale_endpoint: 'left from a pod that is gone',
  stale_node: 'left from a node that is gone',
  stale_set: 'a set with other members',
  stale_policy: 'policy is enforced otherwise',
  stale_service: 'Services are translated otherwise',
  kube_proxy_not_running: 'kube-proxy is not running',
  rules_flushed: 'rules of Calico were taken away',
  rules_edited: 'rules were changed',
  foreign_route: 'a route that is not Calico’s',
  foreign_rule: 'a policy rule that is not Calico’s',
  other_component: 'another agent',
  external_route: 'a route learned from outside',
  edited: 'changed by hand',
  mtu: 'another MTU',
  link_down: 'a device is down',
  sysctl_edited: 'a sysctl was changed',
}

/**
 * A finding of drift as `packetwalk drift` prints it: node and likely cause, what it means and why, what to type, and below each
 * difference with where both sides come from.
 * @param most - differences that are shown
 */
export function describeDrift(finding: DriftFinding, most: number = Number.POSITIVE_INFINITY): string {
  checkArgument(isRecord(finding), 'finding', 'one of lab.drift', finding)
  const { node, cause, subject, meaning, because, checks, differences } = finding
  const shown = differences.slice(0, most)
  const more = differences.length - shown.length
  const lines = [
    `${node}: ${TITLES[cause]}${subject === undefined ? '' : `: ${subject}`} (${cause})`,
    `  means:  ${meaning}`,
    `  likely: ${because}`,
    ...checks.map((check, i) => `  ${i === 0 ? 'check:' : '      '}  ${check}`),
    ...shown
      .flatMap((one) => describeDifference(one).split('\n'))
      .map((line) => `  - ${line}`.replace(/^ {2}- {5}/, '      ')),
    ...(more > 0 ? [`  … and ${more} more (-o json has all)`] : []),
  ]
  return lines.map(printable).join('\n')
}
