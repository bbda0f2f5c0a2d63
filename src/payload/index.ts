/**
 * How large a packet may be: the largest payload that passes between two ends, by class of pairs and by protocol, with DF and without;
 * where a larger one is cut, who set the MTU there, and whether the sender hears of it. Asked by packets of the simulation; what an answer
 * rests on is said with it. May import: every room above it in the table.
 *
 * @packageDocumentation
 */

export { payloadMarkdown } from './markdown.ts'
export { payloadOf } from './payload-of.ts'
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
  type Segments,
} from './report.ts'
export { payloadText } from './text.ts'
