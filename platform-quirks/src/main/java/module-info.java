/** Facts about devices and platforms, rules and quirk rows, and the decision that explains itself. */
module dev.postern.quirks {
    requires transitive dev.postern.dma;
    // For local quirk files and while building; deciding on shipped rows loads no class of these.
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.toml;

    exports dev.postern.quirks;
    exports dev.postern.quirks.decision;
}
