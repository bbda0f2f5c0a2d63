// The engine, beside the page: it may take its time, the page stays alive.
import { InputError } from 'packetwalk'
import type { Reply, Request } from './protocol.ts'
import { Workshop } from './work.ts'

const workshop = new Workshop()

function reply({ id, job }: Request): Reply {
  try {
    return { id, kind: 'done', result: workshop.do(job) }
  } catch (error) {
    if (error instanceof InputError) return { id, kind: 'input', issues: error.issues, message: error.message }
    return { id, kind: 'fault', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

self.onmessage = ({ data }: MessageEvent<Request>) => {
  self.postMessage(reply(data))
}
