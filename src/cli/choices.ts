import type { VerbName } from '../calico/index.ts'
import type { NoteTopic } from '../model/index.ts'
import type { PictureOptions } from '../render/index.ts'
import type { Symptom } from '../troubleshoot/index.ts'

/** Forms `trace -o` can take. */
export const TRACE_FORMATS = ['text', 'json', 'mermaid', 'tcpdump', 'pcapng', 'svg', 'html', 'steps'] as const

/** Themes `--theme` can take, and widths `--width` has names for. */
export const PICTURE_THEMES = ['auto', 'light', 'dark', 'print'] as const satisfies readonly PictureOptions['theme'][]
export const PICTURE_WIDTHS = ['narrow', 'wide', 'projector'] as const

/** Forms `topology -o` can take. */
export const TOPOLOGY_FORMATS = ['text', 'svg', 'mermaid', 'dot', 'json'] as const

/** Forms `bgp -o` can take. */
export const BGP_FORMATS = ['text', 'json'] as const

/** What `packetwalk bgp` can be asked. */
export const BGP_QUESTIONS = ['config', 'explain'] as const

/** Forms `reach -o` can take. */
export const REACH_FORMATS = ['text', 'md', 'csv', 'json', 'html', 'svg', 'dot'] as const

/** Forms `policy -o` can take. */
export const POLICY_FORMATS = ['text', 'yaml', 'json', 'md'] as const

/** Forms `explain-capture -o` can take. */
export const CAPTURE_FORMATS = ['text', 'json', 'md'] as const

/** Forms `mtu -o` can take. */
export const PAYLOAD_FORMATS = ['text', 'json', 'md'] as const

/** Forms `diff A B -o` can take. */
export const REVIEW_FORMATS = ['text', 'md', 'json', 'sarif'] as const

/** Forms `inject -o` can take: the report, what was applied, or a Timeline that does it. */
export const INJECT_FORMATS = ['text', 'json', 'yaml', 'timeline'] as const

/** Changes of reachability that `diff A B --fail-on` can be asked to fail on. */
export const FAIL_ON = ['added', 'removed', 'broken'] as const

/** Forms `drift -o` can take. */
export const DRIFT_FORMATS = ['text', 'json'] as const

/** Forms `diagnose -o` can take. */
export const DIAGNOSE_FORMATS = ['text', 'json', 'md'] as const

/** What can be seen of a failure; in step with the room that diagnoses, which this small part of the command does not load. */
export const SYMPTOMS = [
  'timeout',
  'refused',
  'no-route',
  'small-ok-large-hang',
  'intermittent',
  'wrong-source',
  'pending',
] as const satisfies readonly Symptom[]

/** Forms `validate -o` can take. */
export const VALIDATE_FORMATS = ['text', 'json'] as const

/** Forms `test -o` can take. */
export const TEST_FORMATS = ['text', 'json', 'junit', 'tap', 'github'] as const

/** Forms `lint -o` can take. */
export const LINT_FORMATS = ['text', 'json', 'sarif'] as const

/** How bad a finding of `lint` can be. */
export const LINT_LEVELS = ['error', 'warning', 'info'] as const

/** Forms `run -o` can take. */
export const RUN_FORMATS = ['text', 'json', 'svg', 'html'] as const

/** How long programs of a cluster may take to follow what is stored. */
export const DELAYS = ['instant', 'calico'] as const

/** What the plugin is called for. */
export const CNI_COMMANDS = ['add', 'del'] as const

/** What `trace` shows as text. */
export const TRACE_VIEWS = ['hops', 'both', 'frames', 'reasons', 'bytes'] as const

/** What `packetwalk show` can show, and the tool it asks. */
export const SHOW_TABLES = {
  route: 'ip route',
  addr: 'ip addr',
  neigh: 'ip neigh',
  link: 'ip link',
  fdb: 'bridge fdb show',
  rule: 'ip rule',
  sysctl: 'sysctl -a',
  iptables: 'iptables-save',
  ipset: 'ipset save',
  conntrack: 'conntrack -L',
  services: 'kubectl get services -o wide',
} as const

/** What `packetwalk conformance` can answer. */
export const SUITES = ['policy'] as const

/** What `packetwalk calico` can be asked; in step with the verbs, which this small part of the command does not load. */
export const CALICO_VERBS = [
  'selector',
  'validate',
  'convert',
  'ports',
  'ipam',
  'cni',
  'startup',
  'bgp',
  'felix-state',
  'felix-kernel',
  'felix-hosts',
  'felix-chains',
] as const satisfies readonly VerbName[]

/** Topics `--ignore` can take; in step with the topics of notes, which this small part of the command does not load. */
export const TOPICS = [
  'policy',
  'services',
  'cni',
  'dataplane',
  'settings',
  'annotations',
  'bgp',
  'dump',
  'rules',
  'underlay',
  'server',
] as const satisfies readonly NoteTopic[]
