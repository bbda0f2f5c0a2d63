import { createInterface } from 'node:readline'
import { policyVerdicts, readPolicyCase } from '../../lab/index.ts'
import { describeIssues, InputError } from '../../model/index.ts'
import { EXIT } from '../exit.ts'
import { internalFault } from '../internal-fault.ts'

/** What can be judged. */
export type ConformanceSuite = 'policy'

/**
 * Reads cases from standard input, one a line, and writes a line of verdicts for each: packets go through the rules of the
 * cluster's nodes. A case without an answer has its reason, and the others go on.
 */
export async function conformanceCommand(_suite: ConformanceSuite): Promise<number> {
  let isWhole = true
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    const verdicts = answer(line)
    isWhole &&= !('error' in verdicts)
    process.stdout.write(`${JSON.stringify(verdicts)}\n`)
  }
  return isWhole ? EXIT.ok : EXIT.failed
}

function answer(line: string): ReturnType<typeof policyVerdicts> {
  try {
    return policyVerdicts(readPolicyCase(line))
  } catch (error) {
    if (error instanceof InputError) return { error: [...describeIssues(error.issues)].join('; ') }
    const fault = internalFault(error)
    process.stderr.write(`${fault}\n`)
    return { error: fault.split('\n')[0] ?? '' }
  }
}
