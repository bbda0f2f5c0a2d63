/**
 * Expectations as data, judged: who reaches whom, who must not and by which object, which way, under whose address, with which MTU. The
 * answer is plain data; what it looks like in a terminal, in JUnit XML, TAP or annotations of GitHub stands beside it. May import: every
 * room above lab that stands before it.
 *
 * @packageDocumentation
 */

export { type JudgeOptions, judgeExpectations } from './judge-plan.ts'
export { observed } from './observe.ts'
export { renderExpectationsGithub } from './render/github.ts'
export { renderExpectationsJunit } from './render/junit.ts'
export { renderExpectationsTap } from './render/tap.ts'
export { renderExpectationsText } from './render/text.ts'
export type { ExpectationReport, Judged, Miss, Observation, Status } from './report.ts'
export { largestWhole } from './whole-packet.ts'
