/** Facts about devices and platforms, rules and quirk rows, and the decision that explains itself. */
module dev.postern.quirks {
    requires transitive dev.postern.dma;

    exports dev.postern.quirks.decision;
}
