/**
 * What could make something happen: candidates for a symptom, ranked by what objects, dumps, programs and pasted output say and by how
 * often each is met; for each the one command that decides it on the real cluster. Where the input says too little, the three facts to
 * fetch. May import: every room but cli.
 *
 * @packageDocumentation
 */

export { factsLine } from './deciders/facts-line.ts'
export { diagnoseLab } from './diagnose.ts'
export type { Candidate, Decider, Diagnosis, Excluded, Likelihood, Seen } from './diagnosis.ts'
export { diagnosisMarkdown, diagnosisText } from './diagnosis-text.ts'
export { type Question, SYMPTOMS, type Symptom } from './question.ts'
