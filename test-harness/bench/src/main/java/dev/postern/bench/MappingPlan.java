package dev.postern.bench;

/** Which backend maps. */
public enum MappingPlan {
    /** Guest-physical addresses; nothing is copied. */
    DIRECT,
    /** Every mapping is a copy in a pool. */
    BOUNCED
}
