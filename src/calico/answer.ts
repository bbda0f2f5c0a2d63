import { type CalicoVersion, NEWEST_CALICO_VERSION, parseCalicoVersion } from '../control/index.ts'
import { describeIssues, InputError, type Issue, isRecord } from '../model/index.ts'
import type { CalicoAnswer, Verb, VerbName } from './verb.ts'
import { VERB_NAMES } from './verb.ts'
import { type BgpRequest, bgp } from './verbs/bgp.ts'
import { type CniRequest, cni } from './verbs/cni.ts'
import { type ConvertRequest, convert } from './verbs/convert.ts'
import { felixChains } from './verbs/felix-chains.ts'
import type { FelixChainsRequest } from './verbs/felix-chains-request.ts'
import { type FelixHostsRequest, felixHosts } from './verbs/felix-hosts.ts'
import { felixKernel } from './verbs/felix-kernel.ts'
import type { FelixKernelRequest } from './verbs/felix-kernel-request.ts'
import { type FelixStateRequest, felixStateVerb } from './verbs/felix-state.ts'
import { type IpamRequest, ipam } from './verbs/ipam.ts'
import { type PortsRequest, ports } from './verbs/ports.ts'
import { type SelectorRequest, selector } from './verbs/selector.ts'
import { type StartupRequest, startup } from './verbs/startup.ts'
import { type ValidateRequest, validate } from './verbs/validate.ts'

/** A question to Calico, by `verb`. */
export type CalicoRequest =
  | BgpRequest
  | CniRequest
  | ConvertRequest
  | FelixChainsRequest
  | FelixKernelRequest
  | FelixHostsRequest
  | FelixStateRequest
  | IpamRequest
  | PortsRequest
  | SelectorRequest
  | StartupRequest
  | ValidateRequest

/** The verbs; undefined: not modelled yet. */
const VERBS: Readonly<Record<VerbName, Verb | undefined>> = {
  selector,
  validate,
  convert,
  ports,
  ipam,
  cni,
  startup,
  bgp,
  'felix-state': felixStateVerb,
  'felix-hosts': felixHosts,
  'felix-kernel': felixKernel,
  'felix-chains': felixChains,
}

/**
 * Answers a question to Calico. Every request stands alone: same request, same answer. What Calico refuses is part of the
 * result; what is wrong with the request itself is an `error`, and nothing is thrown for it.
 */
export function answerCalico(request: CalicoRequest): CalicoAnswer
export function answerCalico(request: unknown): CalicoAnswer
export function answerCalico(request: unknown): CalicoAnswer {
  if (!isRecord(request)) return { error: 'a request is a map, e.g. {"verb":"selector","selector":"all()"}' }
  const { verb: name, id: _, calicoVersion = null, ...rest } = request
  if (!isVerbName(name)) return { error: `verb: expected one of ${VERB_NAMES.join(', ')}` }
  const version = versionOf(calicoVersion)
  if (version === undefined) return { error: 'calicoVersion: expected a release, e.g. v3.29.1' }
  const verb = VERBS[name]
  if (verb === undefined) return { unsupported: `the verb ${name}` }
  try {
    return verb(withoutNulls(rest), { version })
  } catch (error) {
    if (error instanceof InputError) return { error: describeIssues(error.issues.map(ofRequest)).join('; ') }
    throw error
  }
}

function isVerbName(name: unknown): name is VerbName {
  return (VERB_NAMES as readonly unknown[]).includes(name)
}

function versionOf(text: unknown): CalicoVersion | undefined {
  if (text === null) return NEWEST_CALICO_VERSION
  return typeof text === 'string' ? parseCalicoVersion(text) : undefined
}

/** Absent and null mean the same: members of maps that are null are left out, at any depth. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null && member !== undefined)
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]))
}

/** Requests have neither file nor line. */
function ofRequest({ line: _, column: __, ...issue }: Issue): Issue {
  return { ...issue, file: '' }
}
