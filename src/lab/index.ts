/**
 * The front desk: build a network, run programs in it, type commands, change it, run again, step back. May import: every room
 * but cli.
 *
 * @packageDocumentation
 */

export { invalid } from './asked.ts'
export { choosing } from './backend.ts'
export { checkLab } from './check-lab.ts'
export type { Comparison } from './compare.ts'
export { describeDifference } from './difference-text.ts'
export { readTrace } from './drawing.ts'
export { describeDrift } from './drift-text.ts'
export type { Endpoint } from './endpoint.ts'
export { plannedInjection } from './failures/inject.ts'
export { askFor, lookOf } from './failures/look.ts'
export { type AskedFlow, type Injected, type InjectionReport, injected } from './failures/report.ts'
export { Lab } from './lab.ts'
export type { ObjectsInput } from './objects.ts'
export type { DumpOptions, LabOptions, TcpOptions, UdpOptions } from './options.ts'
export { judgeFlow, type PolicyFlowReport } from './policy/flow.ts'
export { policyTitle, reasonOf } from './policy/gate-report.ts'
export type { PolicyQuestion, PolicyReport } from './policy/policy-report.ts'
export { leadsAt } from './policy/service-leads.ts'
export { type PortWord, splitPort, type Transport } from './port-word.ts'
export { type PolicyCase, type PolicyProbe, type PolicyVerdict, readPolicyCase } from './probes/case.ts'
export { policyVerdicts } from './probes/probe.ts'
export { remarksOnInput } from './said.ts'
export { runTimeline } from './timeline/run-timeline.ts'
