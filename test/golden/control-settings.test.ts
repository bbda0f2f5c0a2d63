// What one setting changes, and what one object: of test/fixtures/whole, everything else being as it is.
import { describe } from 'vitest'
import { builtText } from '../support/cluster-text.ts'
import { goldens } from '../support/golden.ts'
import { wholeCluster } from '../support/whole-cluster.ts'
import { READ_VARIANTS, SETTING_VARIANTS } from './control-setting-variants.ts'

const SMALL = wholeCluster('small')

describe('one setting', () => {
  const variants = new Map(SETTING_VARIANTS)
  goldens('control-settings', [...variants.keys()], (key) => builtText(key, variants.get(key)!(SMALL)))
})

describe('one variable of calico-node', () => {
  const variants = new Map(READ_VARIANTS)
  goldens('control-environment', [...variants.keys()], (key) =>
    builtText(key, variants.get(key)!(SMALL), { withoutNetwork: true }),
  )
})
