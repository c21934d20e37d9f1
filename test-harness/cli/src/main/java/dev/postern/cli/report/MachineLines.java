package dev.postern.cli.report;

import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.ChannelState;
import dev.postern.cli.run.DeviceServer;
import dev.postern.cli.run.HostSide;
import dev.postern.cli.run.Recovery;
import dev.postern.cli.words.ByteSize;
import java.util.List;

/** Says which machine it is, and who is on its other side. */
final class MachineLines {

    private final LabelledLines lines;

    MachineLines(LabelledLines lines) {
        this.lines = lines;
    }

    void machine(BootRequest request) {
        lines.line(
                "machine",
                "%s, %s of RAM%s, interrupts by %s"
                        .formatted(
                                request.machine().word(),
                                ByteSize.human(request.ramBytes()),
                                request.machine().emulated() ? ", seed " + request.seed() : "",
                                request.machine()
                                        .interruptWord(request.options().interrupts())));
    }

    /** Which pages RAM has, and who serves which device. */
    void host(BootRequest request, HostSide host) {
        host.ramPages().ifPresent(pages -> lines.words("ram", pages));
        String label = "served by";
        for (DeviceServer server : host.servers()) {
            lines.words(
                    label,
                    "%s %s, process %d: %s, %s"
                            .formatted(
                                    server.program(),
                                    server.version(),
                                    server.pid(),
                                    server.device(),
                                    server.image()));
            label = "";
        }
        request.machine()
                .socket()
                .ifPresent(socket -> lines.words("served by", "the back-end at %s".formatted(socket)));
    }

    void isolation(HostSide host) {
        host.isolation().ifPresent(sentence -> lines.words("isolation", sentence));
    }

    /** What went wrong and was put right. */
    void recoveries(List<Recovery> recoveries) {
        String label = "recovered";
        for (Recovery recovery : recoveries) {
            lines.words(
                    label,
                    "%s %s: what was not answered was sent again"
                            .formatted(
                                    recovery.device(),
                                    recovery.resets() == 1 ? "once" : recovery.resets() + " times"));
            label = "";
        }
    }

    /** What is known of the other sides when something has failed. */
    void channels(List<ChannelState> channels) {
        String label = "back-end";
        for (ChannelState channel : channels) {
            lines.words(label, "%s: %s".formatted(channel.name(), channel.condition()));
            label = "";
        }
    }
}
