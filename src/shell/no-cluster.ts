/** Said where commands about objects are typed and there are none. */
export const NO_CLUSTER =
  'packetwalk: there are no Kubernetes objects here; this network was made by hand or from dumps'
