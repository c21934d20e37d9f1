/** Conformance, sabotage and experiments, on every machine. */
module dev.postern.lab {
    requires transitive dev.postern.drivers;
    requires transitive dev.postern.emulated;
    requires transitive dev.postern.attach;
    requires transitive org.junit.jupiter.api;
    requires java.instrument;
    requires net.bytebuddy;
    requires net.bytebuddy.agent;

    exports dev.postern.lab;
    exports dev.postern.lab.junit;
    exports dev.postern.lab.spec;
}
