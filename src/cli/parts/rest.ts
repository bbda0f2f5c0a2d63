// The commands besides `trace`: loaded when one is asked for, from a file of their own once built.
export { collectCommand } from '../commands/collect.ts'
export { conformanceCommand } from '../commands/conformance.ts'
export { diffCommand } from '../commands/diff.ts'
export { replayCommand } from '../commands/replay.ts'
export { shellCommand } from '../commands/shell.ts'
export { showCommand } from '../commands/show.ts'
export { addCompletion } from '../completion.ts'
export { reportFailure } from '../exit.ts'
