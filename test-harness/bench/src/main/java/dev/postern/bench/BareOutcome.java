package dev.postern.bench;

/** What a decision without an explanation comes to. */
enum BareOutcome {
    REFUSED,
    DEFERRED,
    GRANTED,
    PAGE_TRANSLATED,
    TRANSLATED,
    DIRECT
}
