/** A deterministic machine inside this process, with devices written from their specifications. */
module dev.postern.emulated {
    requires transitive dev.postern.runtime;

    exports dev.postern.emulated;
    exports dev.postern.emulated.mischief;
}
