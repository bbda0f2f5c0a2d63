// Control block flags of IPv6 packets, beside those that both families share (IPSKB_FORWARDED, IPSKB_REROUTED).

/** Reassembled here, or an atomic fragment: a second fragment header is an error (IP6SKB_FRAGMENTED). */
export const IP6SKB_FRAGMENTED = 64
/** Own multicast that this host must not hear itself (`mc_loop` off): neighbour discovery. */
export const IP6SKB_NO_LOOP = 128
