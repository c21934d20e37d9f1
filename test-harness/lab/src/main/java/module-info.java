/** Conformance, sabotage and experiments, on every machine. */
module dev.postern.lab {
    requires transitive dev.postern.drivers;
    requires transitive dev.postern.emulated;
    requires transitive dev.postern.attach;
    // Tests bring these; the command, which runs experiments alone, has none of them.
    requires static transitive org.junit.jupiter.api;
    requires static java.instrument;
    requires static net.bytebuddy;
    requires static net.bytebuddy.agent;

    exports dev.postern.lab;
    exports dev.postern.lab.evaluate;
    exports dev.postern.lab.junit;
    exports dev.postern.lab.spec;
}
