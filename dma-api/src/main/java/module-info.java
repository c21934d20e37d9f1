/** The DMA API: contexts with swappable backends, for drivers; and the door for those who implement a backend. */
module dev.postern.dma {
    requires jdk.jfr;
    requires transitive dev.postern.runtime;

    exports dev.postern.dma;
    exports dev.postern.dma.bounce;
    exports dev.postern.dma.debug;
}
