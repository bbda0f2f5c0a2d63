import { addSteps, type CniStep, delSteps, endpointsIn } from '../../control/index.ts'
import { invalid } from '../../lab/index.ts'
import { printable } from '../../model/index.ts'
import type { CNI_COMMANDS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { namespaceOf, openLab, type SourceOptions } from '../open-lab.ts'

/** Options of `packetwalk cni`. */
export interface CniOptions extends SourceOptions {
  /** `-j`. */
  readonly json?: boolean
}

/** Tells how the plugin wires a pod, or takes that back, step by step. */
export function cniCommand(command: (typeof CNI_COMMANDS)[number], word: string, options: CniOptions): number {
  const { lab } = openLab(options)
  if (lab.cluster === null) throw invalid('-f FILE: what the plugin does comes from objects', 'dumps alone')
  const { label } = lab.endpoint(word, namespaceOf(options))
  const endpoint = endpointsIn(lab.cluster.workloadEndpoints).at(label)
  if (endpoint === undefined) throw invalid('a pod with a network of its own', word)
  const steps = command === 'add' ? addSteps(lab.cluster, endpoint) : delSteps(lab.cluster, endpoint)
  process.stdout.write(options.json === true ? `${JSON.stringify(steps, null, 2)}\n` : stepsText(steps))
  return EXIT.ok
}

function stepsText(steps: readonly CniStep[]): string {
  const lines = steps.flatMap(({ who, what, commands }, i) => [
    `${String(i + 1).padStart(2)} ${who}: ${what}`,
    ...commands.map((command) => `     ${command}`),
  ])
  return `${lines.map(printable).join('\n')}\n`
}
