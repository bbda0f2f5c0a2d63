import { CONFIDENCE_SHAPE, type Fields, list, object, type ReportForm, TEXT, word } from '../model/index.ts'
import { LIKELIHOODS } from './diagnosis.ts'

const LOSS: Fields = { stage: TEXT, code: TEXT, detail: TEXT }

const DECIDER = object({ at: TEXT, command: TEXT, shows: TEXT, ifSo: TEXT, ifNot: TEXT })

const CANDIDATE: Fields = {
  'failure?': TEXT,
  title: TEXT,
  ...LOSS,
  'end?': object(LOSS),
  where: TEXT,
  object: TEXT,
  because: TEXT,
  right: TEXT,
  likelihood: word(...LIKELIHOODS),
  confidence: CONFIDENCE_SHAPE,
  decide: DECIDER,
  flows: list(TEXT),
}

/** How such a report is known. */
export const DIAGNOSIS_FORM: ReportForm = {
  what: 'a diagnosis, such as diagnoseLab() gives',
  schema: 'packetwalk.diagnosis/1',
  fields: {
    flow: TEXT,
    'symptom?': TEXT,
    verdict: word('cause', 'undecided', 'healthy'),
    summary: TEXT,
    candidates: list(object(CANDIDATE)),
    excluded: list(object({ 'failure?': TEXT, title: TEXT, because: TEXT, confidence: CONFIDENCE_SHAPE })),
    works: list(TEXT),
    seen: list(object({ at: TEXT, says: TEXT })),
    unread: list(TEXT),
    facts: list(DECIDER),
  },
}
