package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.HostSide;

/** The parts of a document that say who is on the machine's other side; absent where nobody is. */
final class HostNodes {

    private HostNodes() {}

    /** Adds {@code socket}, where the call joined a back-end, and {@code withheld}, where drivers were kept from features. */
    static void putRequest(ObjectNode root, BootRequest request) {
        request.machine().socket().ifPresent(socket -> root.put("socket", socket.toString()));
        if (!request.withheld().isEmpty()) {
            ArrayNode withheld = root.putArray("withheld");
            request.withheld().forEach(withheld::add);
        }
    }

    /**
     * Adds {@code ramPages}, {@code isolation}, {@code servers}: which process serves which device, {@code channels}: what is known of
     * each other side at the end, and {@code recoveries}: how often which disk broke and was used again.
     */
    static void put(ObjectNode root, BootRecord record) {
        HostSide host = record.host();
        host.ramPages().ifPresent(pages -> root.put("ramPages", pages));
        host.isolation().ifPresent(sentence -> root.put("isolation", sentence));
        if (!host.servers().isEmpty()) {
            ArrayNode servers = root.putArray("servers");
            host.servers()
                    .forEach(server -> servers.addObject()
                            .put("device", server.device())
                            .put("image", server.image())
                            .put("program", server.program())
                            .put("version", server.version())
                            .put("pid", server.pid()));
        }
        if (!record.recoveries().isEmpty()) {
            ObjectNode recoveries = root.putObject("recoveries");
            record.recoveries().forEach(recovery -> recoveries.put(recovery.device(), recovery.resets()));
        }
        if (!record.channels().isEmpty()) {
            ArrayNode channels = root.putArray("channels");
            record.channels()
                    .forEach(channel ->
                            channels.addObject().put("name", channel.name()).put("condition", channel.condition()));
        }
    }
}
