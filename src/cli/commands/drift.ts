import { describeDrift } from '../../lab/index.ts'
import { InputError } from '../../model/index.ts'
import type { DRIFT_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { nodeWord, openLab, type SourceOptions } from '../open-lab.ts'

/** Options of `packetwalk drift`. */
export interface DriftOptions extends SourceOptions {
  /** `--node`. */
  readonly node?: string
  /** `-o`. */
  readonly output: (typeof DRIFT_FORMATS)[number]
}

/** Differences of one finding that text shows. */
const MOST_SHOWN = 8

/** Prints what dumped nodes hold otherwise than Calico would have written it, by likely cause; status 1 when there is something. */
export function driftCommand(options: DriftOptions): number {
  const { file = [], dump = [], node } = options
  if (file.length === 0 || dump.length === 0) {
    const expected = '-f FILE with Kubernetes and Calico objects and --dump DIR with dumps of nodes'
    const received = file.length > 0 ? 'only -f' : dump.length > 0 ? 'only --dump' : 'neither'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received }])
  }
  const { lab, dump: loaded } = openLab(options)
  const only = node === undefined ? undefined : lab.endpoint(nodeWord(node)).netns
  const findings = lab.drift.filter((one) => only === undefined || one.node === only)
  if (options.output === 'json') {
    const dumps = (loaded?.nodes ?? []).map(({ name }) => name)
    process.stdout.write(`${JSON.stringify({ dumps, findings }, null, 2)}\n`)
  } else process.stdout.write(findings.map((one) => `${describeDrift(one, MOST_SHOWN)}\n`).join('\n'))
  return findings.length === 0 ? EXIT.ok : EXIT.failed
}
