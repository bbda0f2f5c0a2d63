import { areLabels, metadata } from './metadata.ts'
import { ruleShape } from './rule.ts'
import { list, type MapShape, map, needed, textRecord } from './shape.ts'

const RULES = list(ruleShape(false))

/** Profile: no CRD, so what only those refuse passes. @calico api/pkg/apis/projectcalico/v3/profile.go */
export const PROFILE: MapShape = map({
  metadata: metadata(),
  spec: needed(map({ ingress: RULES, egress: RULES, labelsToApply: textRecord(areLabels) })),
})
