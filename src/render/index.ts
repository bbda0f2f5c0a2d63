/**
 * Traces for people and for other programs: text in four views, Mermaid, SVG, HTML, tcpdump lines, pcapng with comments,
 * and the forms notebooks show. Pure functions of a trace: a trace read back from JSON is drawn without the engine.
 *
 * May import: wire, model, linux, timeline, trace.
 *
 * @packageDocumentation
 */

export type { CaptureAt } from './capture-points.ts'
export {
  type DisplayableTrace,
  displayable,
  drawn,
  type MimeBundle,
  markdownBundle,
  plainTrace,
  textBundle,
  traceBundle,
} from './display.ts'
export { escapeXml } from './escape.ts'
export { DEFAULT_WIDTH } from './hop-lines.ts'
export { hopViewOf } from './hop-view.ts'
export { renderHtml } from './html.ts'
export { shortName, wrap } from './layout-text.ts'
export { renderMermaid } from './mermaid.ts'
export { notebookHtml } from './notebook-css.ts'
export { noteLine } from './notes.ts'
export { type PacketTextOptions, renderPacketText } from './packet-box-text.ts'
export {
  LAYER_KINDS,
  type LayerColours,
  type LayerKind,
  PALETTES,
  type Palette,
  paletteVariables,
  THEMES,
  type Theme,
  type ThemeName,
  themedCss,
} from './palette.ts'
export { type PcapngOptions, renderPcapng, renderPcaps } from './pcapng.ts'
export {
  type SarifLevel,
  type SarifLog,
  type SarifPlace,
  type SarifResult,
  type SarifRule,
  sarifText,
} from './sarif.ts'
export {
  type PacketStep,
  STEPS_SCHEMA,
  type StepCandidate,
  type StepChange,
  type StepConnection,
  type StepEnd,
  type StepFact,
  type StepField,
  type StepFrame,
  type StepLayer,
  type StepLookup,
  type StepNeighbour,
  type StepRule,
  type StepSaid,
  type StepsView,
  type StepTranslation,
  type StepWalk,
} from './steps/packet-step.ts'
export { renderSteps, type StepsHtmlOptions } from './steps/render-steps.ts'
export type { SourceText } from './steps/sources.ts'
export { type StepsOptions, stepsOf } from './steps/steps-of.ts'
export { type FieldWords, fieldWords } from './story/field-words.ts'
export type {
  DecisionStep,
  DeliveryStep,
  DropStep,
  MoveStep,
  ResolutionStep,
  StepBase,
  StepKind,
  Story,
  StoryChapter,
  StoryDirection,
  StoryField,
  StoryHeader,
  StoryLane,
  StoryOptions,
  StoryOutcome,
  StoryPacket,
  StoryPlace,
  StoryStep,
} from './story/story.ts'
export { storyOf } from './story/story-of.ts'
export { plainStyle, type Style, type StyleRole } from './style.ts'
export { drawStory, type PictureOptions, renderSvg } from './svg.ts'
export {
  renderTcpdump,
  type TcpdumpOptions,
  tcpdumpOf,
} from './tcpdump.ts'
export { renderText, type TextOptions, type TextView } from './text.ts'
export { timeText } from './time.ts'
export type {
  ReportedEnd,
  ReportedEvent,
  ReportedGap,
  ReportedProbe,
  ReportedSpan,
  TimelineReport,
} from './timeline/report.ts'
export { renderTimelineHtml } from './timeline/timeline-html.ts'
export { renderTimelineJson } from './timeline/timeline-json.ts'
export { renderTimelineSvg, type TimelinePictureOptions } from './timeline/timeline-svg.ts'
export { renderTimelineText, type TimelineTextOptions } from './timeline/timeline-text.ts'
export { renderTopology, TOPOLOGY_FORMS, type TopologyForm, type TopologyOptions } from './topology/render-topology.ts'
