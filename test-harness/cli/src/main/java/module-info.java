/** The postern command. */
module dev.postern.cli {
    requires dev.postern.attach;
    requires dev.postern.drivers;
    requires dev.postern.emulated;
    requires dev.postern.lab;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires jdk.jfr;
    requires jdk.management;
    requires me.tongfei.progressbar;

    // The options of a command are private fields.
    opens dev.postern.cli to
            info.picocli;
}
