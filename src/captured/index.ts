/**
 * A real capture explained: where it was taken, what each of its packets is (pods by name, tunnels opened, translation recognised), which
 * hop of the simulation it equals, which expected packet is missing and what that means, and where between captures of several places
 * packets disappear. May import: every room above it in the table.
 *
 * @packageDocumentation
 */

export type { CaptureInput } from './capture-file.ts'
export { explainCapture } from './explain.ts'
export { captureMarkdown } from './markdown.ts'
export {
  CAPTURE_SCHEMA,
  type CapturedEnd,
  type CapturedFlow,
  type CapturedPacket,
  type CapturedSource,
  type CaptureQuestion,
  type CaptureReport,
  type Disappeared,
  type EndKind,
  type Explained,
  type Missing,
  type Place,
  type Remark,
} from './report.ts'
export { type CaptureTextOptions, captureText } from './text.ts'
