import { checkOptions } from '../../model/index.ts'
import { invalid } from '../asked.ts'
import type { Lab } from '../lab.ts'
import { type PolicyQuestion, type PolicyReport, policyReport } from './policy-report.ts'

/** What policy of a lab makes of a question. @throws InputError when the lab has no objects, or knows no such name */
export function askedPolicy<Q extends PolicyQuestion>(lab: Lab, question: Q): PolicyReport<Q> {
  checkOptions(question)
  const { cluster, simulation } = lab
  if (cluster === null) throw invalid('a lab of objects: policy is calculated from them', 'one without')
  const ground = {
    cluster,
    simulation,
    find: (name: string) => lab.endpoint(name),
    port: (...asked: Parameters<Lab['port']>) => lab.port(...asked),
  }
  return policyReport(ground, question) as PolicyReport<Q>
}
