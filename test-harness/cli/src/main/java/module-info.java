/** The postern command. */
module dev.postern.cli {
    requires dev.postern.drivers;
    requires dev.postern.emulated;
    requires dev.postern.attach;
    requires info.picocli;
    requires me.tongfei.progressbar;
    requires com.fasterxml.jackson.databind;
}
