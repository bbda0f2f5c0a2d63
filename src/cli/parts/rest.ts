// The commands besides `trace`: loaded when one is asked for, from a file of their own once built.
export { bgpCommand } from '../commands/bgp.ts'
export { calicoCommand } from '../commands/calico.ts'
export { cniCommand } from '../commands/cni.ts'
export { collectCommand } from '../commands/collect.ts'
export { conformanceCommand } from '../commands/conformance.ts'
export { diagnoseCommand } from '../commands/diagnose.ts'
export { diffCommand } from '../commands/diff.ts'
export { driftCommand } from '../commands/drift.ts'
export { explainCommand } from '../commands/explain.ts'
export { explainCaptureCommand } from '../commands/explain-capture.ts'
export { injectCommand } from '../commands/inject.ts'
export { ipamCheckCommand, ipamShowCommand, ipamWhatIfCommand } from '../commands/ipam.ts'
export { lintCommand } from '../commands/lint.ts'
export { mtuCommand } from '../commands/mtu.ts'
export { playgroundCommand } from '../commands/playground.ts'
export { policyCommand } from '../commands/policy.ts'
export { mergeCommand, reachCommand } from '../commands/reach.ts'
export { replayCommand } from '../commands/replay.ts'
export { reviewCommand } from '../commands/review.ts'
export { runCommand } from '../commands/run.ts'
export { shellCommand } from '../commands/shell.ts'
export { showCommand } from '../commands/show.ts'
export {
  teachAnswersCommand,
  teachCheckCommand,
  teachFilesCommand,
  teachHintCommand,
  teachListCommand,
  teachSheetCommand,
  teachShowCommand,
} from '../commands/teach.ts'
export { testCommand } from '../commands/test.ts'
export { topologyCommand } from '../commands/topology.ts'
export { validateCommand } from '../commands/validate.ts'
export { addCompletion } from '../completion.ts'
export { reportFailure } from '../exit.ts'
export { isWritten } from '../standard-stream.ts'
