/**
 * Questions to Calico without a cluster: a request is plain data, its answer is what Calico decides. Each verb is a thin face
 * over functions of control. May import: wire, model, linux, control, input.
 *
 * @packageDocumentation
 */

export { answerCalico, type CalicoRequest } from './answer.ts'
export { answerLine, type CalicoLine, idOfLine } from './line.ts'
export { type FieldRemark, type PlacedObject, type ValidatedObject, validateObjects } from './validation-report.ts'
export { type CalicoAnswer, type RequestBase, VERB_NAMES, type VerbName } from './verb.ts'
export type { BgpFamily, BgpNeighbour, BgpRequest, BgpResult } from './verbs/bgp.ts'
export type {
  BgpFamilyRoutes,
  BgpFamilyVerdicts,
  BgpKernelVerdict,
  BgpPeerRoutes,
  BgpRoute,
  BgpRoutes,
  BgpVerdict,
  BgpVerdicts,
} from './verbs/bgp-routes.ts'
export type {
  CniAddResult,
  CniCallStep,
  CniHostResult,
  CniPodResult,
  CniRequest,
  CniResult,
  EndpointsStep,
} from './verbs/cni.ts'
export type {
  ConvertedObject,
  ConvertObjectRequest,
  ConvertObjectResult,
  ConvertRequest,
  ConvertSelectorRequest,
  ConvertSelectorResult,
} from './verbs/convert.ts'
export type {
  BothWays,
  FelixChainsRequest,
  FelixChainsResult,
  FelixGroupRequest,
  FelixHostDispatchRequest,
  FelixHostRequest,
  FelixMarks,
  FelixNatOutgoingRequest,
  FelixPolicyName,
  FelixPolicyRequest,
  FelixProfileRequest,
  FelixRender,
  FelixRenderBase,
  FelixRuleRequest,
  FelixTier,
  FelixWorkloadDispatchRequest,
  FelixWorkloadRequest,
} from './verbs/felix-chains-request.ts'
export type { FelixHostsRequest, FelixHostsResult } from './verbs/felix-hosts.ts'
export type {
  FelixDevice,
  FelixKernelRequest,
  FelixKernelResult,
  FelixKernelRoute,
  FelixKernelState,
  FelixNat,
  FelixRoute,
  FelixVtep,
  FelixWorkload,
} from './verbs/felix-kernel-request.ts'
export type { FelixFields } from './verbs/felix-request.ts'
export type { FelixIcmp, FelixPort, FelixRuleFields } from './verbs/felix-rule.ts'
export type {
  FelixSetResult,
  FelixStateRequest,
  FelixStateResult,
} from './verbs/felix-state.ts'
export type { IpamRequest, IpamVerbResult } from './verbs/ipam.ts'
export type { IpamStepResult } from './verbs/ipam-script.ts'
export type {
  AffinitiesStep,
  ApplyStep,
  AssignStep,
  AutoAssignStep,
  ClaimStep,
  DeleteStep,
  HandleStep,
  InspectStep,
  IpamStep,
  ListStep,
  PoolsStep,
  ReleaseAffinityStep,
  ReleaseNodeStep,
  ReleaseStep,
  SequenceReference,
  StepAddress,
  StepReference,
  UtilizationStep,
  WalkStep,
} from './verbs/ipam-steps.ts'
export type { PortsRequest, PortsResult } from './verbs/ports.ts'
export type { SelectorFaultAt, SelectorRequest, SelectorResult } from './verbs/selector.ts'
export type { StartupAddress, StartupRequest, StartupResult } from './verbs/startup.ts'
export type { ValidateReason, ValidateRequest, ValidateResult } from './verbs/validate.ts'
