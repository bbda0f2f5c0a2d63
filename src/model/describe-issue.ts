import { checkArgument } from './argument.ts'
import { isRecord } from './is-record.ts'
import { type Issue, issueText } from './issue.ts'

/** Where an issue is and what it says, in one line: `cluster.yaml:12:5: IPPool/a spec.cidr: expected …, received …`. */
export function describeIssue(issue: Issue): string {
  checkArgument(isRecord(issue) && Array.isArray(issue.path), 'issue', 'one of the issues of an InputError', issue)
  return issueText(issue)
}
