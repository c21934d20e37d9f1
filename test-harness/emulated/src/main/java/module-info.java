/** A deterministic machine inside this process, with devices written from their specifications. */
module dev.postern.emulated {
    requires transitive dev.postern.runtime;
}
