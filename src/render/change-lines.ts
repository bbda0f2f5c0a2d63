import { policyName, type Trace } from '../trace/index.ts'

/** The smallest changes of policies that would let the packet through, as YAML to be added; nothing where there are none. */
export function changeLines(trace: Pick<Trace, 'findings'>): string[] {
  return trace.findings.flatMap(({ change }) => {
    if (change === undefined) return []
    const { policy, direction, before, yaml } = change
    const where = before === 0 ? 'at the end of' : `before rule ${before} of`
    const kind = policy.kind === 'NetworkPolicy' ? 'NetworkPolicy ' : ''
    return [
      `Add ${where} spec.${direction} of ${kind}${policyName(policy)}:`,
      ...yaml.split('\n').map((line) => `  ${line}`),
    ]
  })
}
