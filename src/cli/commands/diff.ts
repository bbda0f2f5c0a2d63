import { describeDifference } from '../../lab/index.ts'
import { InputError } from '../../model/index.ts'
import { EXIT } from '../exit.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'

/** Options of `packetwalk diff`. */
export interface DiffOptions extends SourceOptions {
  /** `--node`. */
  readonly node?: string
  /** `-j`. */
  readonly json?: boolean
}

/** Prints what dumped nodes hold otherwise than Calico would have written it, by the objects; status 1 when there is something. */
export function diffCommand(options: DiffOptions): number {
  const { file = [], dump = [], node } = options
  if (file.length === 0 || dump.length === 0) {
    const expected = '-f FILE with Kubernetes and Calico objects and --dump DIR with dumps of nodes'
    const received = file.length > 0 ? 'only -f' : dump.length > 0 ? 'only --dump' : 'neither'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received }])
  }
  const { lab } = openLab(options)
  const netns = node === undefined ? undefined : lab.endpoint(`node/${node.replace(/^(nodes?|no)\//, '')}`).netns
  const shown = lab.differences.filter((one) => netns === undefined || one.netns === netns)
  if (options.json === true) process.stdout.write(`${JSON.stringify(shown)}\n`)
  else process.stdout.write(shown.map((one) => `${describeDifference(one)}\n`).join(''))
  return shown.length === 0 ? EXIT.ok : EXIT.failed
}
