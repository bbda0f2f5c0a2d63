import { holdsInjections } from './injected.ts'

holdsInjections('policy', 'services')
