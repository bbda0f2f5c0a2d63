/**
 * Questions about a whole cluster, each a function from a lab (or from objects) to an answer as plain data, and the answer as text:
 *
 * - `reachOf(lab)`: who reaches whom, in classes of ends that behave alike;
 * - `judgeExpectations(lab, plan)`: whether what is expected holds;
 * - `reviewOf(a, b)`: what differs between two clusters, in objects, on machines, in who reaches whom;
 * - `lint(loaded)`: what of the objects will hurt, by name;
 * - `diagnoseLab(lab, question)`: what could make this happen, ranked, with the command that would decide it;
 * - `FAILURES`, `lab.inject('F15')`: how clusters break in the field, and how to break one so;
 * - `payloadOf(lab)`: how large packets may be, and where they are cut;
 * - `explainCapture(lab, captures)`: what the packets of a real capture are, and which is missing.
 *
 * May import: the rooms it hands on, and input for what is expected.
 *
 * @packageDocumentation
 */

export {
  CAPTURE_SCHEMA,
  type CapturedEnd,
  type CapturedFlow,
  type CapturedPacket,
  type CapturedSource,
  type CaptureInput,
  type CaptureQuestion,
  type CaptureReport,
  type CaptureTextOptions,
  captureMarkdown,
  captureText,
  type Disappeared,
  type EndKind,
  type Explained,
  explainCapture,
  type Missing,
  type Place,
  type Remark,
} from '../captured/index.ts'
export {
  type ExpectationReport,
  type Judged,
  type JudgeOptions,
  judgeExpectations,
  type Miss,
  renderExpectationsGithub,
  renderExpectationsJunit,
  renderExpectationsTap,
  renderExpectationsText,
  type Status,
} from '../expect/index.ts'
export {
  type Confirmation,
  FAILURES,
  type Failure,
  type FailureAsk,
  type FailureCode,
  type FailureFacts,
  type FailureFamily,
  type Injection,
  type InjectionStep,
  type Look,
  type Need,
  type ShownFlow,
} from '../failures/index.ts'
export { type ExpectationPlan, type ExpectationUpdate, readExpectations } from '../input/index.ts'
export {
  type AddressName,
  LINT_IGNORE,
  LINT_NAMES,
  LINT_RULES,
  type LintCertainty,
  type LintFinding,
  type LintName,
  type LintOptions,
  type LintReport,
  type LintRule,
  lint,
  type PathName,
  type PolicyName,
  rulesOf,
  type ServiceName,
  type SuppressedFinding,
} from '../lint/index.ts'
export { type Confidence, confidenceText, type Stage } from '../model/index.ts'
export {
  type Because,
  type Cut,
  type Fragmentation,
  type Measured,
  type MtuSource,
  type News,
  PAIR_KINDS,
  PAYLOAD_SCHEMA,
  type PairKind,
  type PayloadClass,
  type PayloadEnd,
  type PayloadQuestion,
  type PayloadReport,
  type PayloadVerdict,
  type PayloadWay,
  payloadMarkdown,
  payloadOf,
  payloadText,
  type Segments,
} from '../payload/index.ts'
export {
  type AskedFlow,
  type CheckedFlow,
  checkReach,
  type FlowLookedUp,
  flowIn,
  mergedReach,
  type Narrowing,
  narrowed,
  REACH_VERDICTS,
  type Reach,
  type ReachCell,
  type ReachCheck,
  type ReachCounts,
  type ReachEnd,
  type ReachFlow,
  type ReachHeaders,
  type ReachOptions,
  type ReachOutcome,
  type ReachPattern,
  type ReachPictureOptions,
  type ReachVerdict,
  reachCsv,
  reachCsvParts,
  reachDot,
  reachHtml,
  reachMarkdown,
  reachOf,
  reachSvg,
  reachText,
} from '../reach/index.ts'
export {
  type FieldChange,
  type FlowChange,
  isEmptyReview,
  type MachineChange,
  type ObjectChange,
  type Op,
  type Parts,
  type ReachChange,
  type ReachSide,
  type Review,
  type ReviewOptions,
  renderReviewMarkdown,
  renderReviewSarif,
  renderReviewText,
  reviewOf,
  type WayChange,
} from '../review/index.ts'
export {
  type Candidate,
  type Decider,
  type Diagnosis,
  diagnoseLab,
  diagnosisMarkdown,
  diagnosisText,
  type Excluded,
  factsLine,
  type Likelihood,
  type Question,
  type Seen,
  SYMPTOMS,
  type Symptom,
} from '../troubleshoot/index.ts'
