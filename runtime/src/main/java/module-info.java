module dev.postern.runtime {
    requires com.sun.jna;

    exports dev.postern.facts;
    exports dev.postern.interrupt;
    exports dev.postern.machine;
    exports dev.postern.memory;
}
