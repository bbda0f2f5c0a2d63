// The engine, beside the page: it may take its time, the page stays alive.
import { InputError } from 'packetwalk'
import { arrive, arriveAll, BEGUN, takeMissed } from './late.ts'
import type { Job, Reply, Request, Results } from './protocol.ts'
import { Workshop } from './work.ts'

let workshop = new Workshop()
let isFirst = true

function done(job: Job): Results[Job['kind']] | Promise<Results[Job['kind']]> {
  switch (job.kind) {
    case 'reach':
    case 'lint':
    case 'diagnose':
    case 'time':
      return import('./whole.ts').then(({ answerWhole }) => answerWhole(workshop, job))
    default:
      return workshop.do(job)
  }
}

async function reply(request: Request): Promise<Reply> {
  const answer = await answered(request)
  const part = takeMissed()
  if (part === undefined) return answer
  // Something was not there yet, whoever noticed: what was made without it is forgotten.
  workshop = new Workshop()
  await arrive(part)
  return reply(request)
}

async function answered({ id, job }: Request): Promise<Reply> {
  try {
    return { id, kind: 'done', result: await done(job) }
  } catch (error) {
    if (error instanceof InputError) return { id, kind: 'input', issues: error.issues, message: error.message }
    return { id, kind: 'fault', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  const answer = await reply(data)
  self.postMessage(isFirst ? { ...answer, worked: performance.now() - BEGUN } : answer)
  isFirst = false
  // The first answer is there: what other jobs need comes meanwhile.
  arriveAll().catch((error: unknown) => console.error(error))
}
