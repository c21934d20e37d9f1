package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.boot.DeviceReport;
import dev.postern.cli.run.ApplicationRun;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import java.util.List;
import java.util.Locale;

/**
 * A run as one JSON document, {@value #SCHEMA}. Addresses are strings in hexadecimal, for a JSON number need not hold 64
 * bits; sizes are numbers of bytes.
 */
public final class BootDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.boot/1";

    private BootDocument() {}

    /** The document, in lines. */
    public static String of(BootRecord record) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("ok", record.failures().isEmpty());
        record.request().ifPresent(request -> putRequest(root, request));
        record.platform().ifPresent(found -> PlatformNodes.putDetected(root, found));
        PlatformNodes.putMemory(root, record.memory());
        putFirmware(root.putObject("firmware"), record);
        putDevices(root.putArray("devices"), record.devices());
        putApplications(root, record.applications());
        root.putObject("interrupts")
                .put("messages", record.interrupts().messages())
                .put("lines", record.interrupts().lines())
                .put("trips", record.interrupts().trips());
        HostNodes.put(root, record);
        root.put("seconds", record.nanos() / 1e9);
        strings(root.putArray("warnings"), record.busWarnings());
        ArrayNode errors = root.putArray("errors");
        record.failures().forEach(failure -> errors.add(failure.message()));
        root.put("exit", record.status());
        return root.toPrettyString();
    }

    private static void putRequest(ObjectNode root, BootRequest request) {
        root.put("machine", request.machine().word());
        HostNodes.putRequest(root, request);
        root.put("platform", request.platform());
        root.put("irq", request.options().interrupts().name().toLowerCase(Locale.ROOT));
        root.put("ram", request.ramBytes());
        root.put("seed", request.seed());
    }

    private static void putFirmware(ObjectNode firmware, BootRecord record) {
        firmware.put("source", record.firmware());
        ArrayNode tables = firmware.putArray("tables");
        record.tables()
                .forEach(table -> tables.addObject()
                        .put("signature", table.signature())
                        .put("address", PlatformNodes.hex(table.pa()))
                        .put("bytes", table.length()));
    }

    private static void putDevices(ArrayNode array, List<DeviceReport> devices) {
        for (DeviceReport device : devices) {
            ObjectNode node = array.addObject();
            node.put("name", device.name());
            node.put("location", device.location());
            node.put("driver", device.type().name());
            node.put("outcome", device.outcome().name().toLowerCase(Locale.ROOT));
            node.put("plan", device.plan());
            node.put("why", device.why());
            strings(node.putArray("explanation"), device.explanation());
            strings(node.putArray("offered"), device.type().namesOf(device.offered()));
            strings(node.putArray("accepted"), device.type().namesOf(device.accepted()));
            node.put("details", device.details().orElse(null));
        }
    }

    private static void putApplications(ObjectNode root, List<ApplicationRun> applications) {
        ObjectNode results = root.putObject("app");
        ObjectNode runs = root.putObject("runs");
        for (ApplicationRun run : applications) {
            run.result().ifPresent(result -> {
                ObjectNode byDevice = results.putObject(run.name());
                result.byDevice().forEach(byDevice::put);
            });
            runs.putObject(run.name())
                    .put("ok", run.failure().isEmpty())
                    .put("bytes", run.result().map(result -> result.bytes()).orElse(0L))
                    .put("seconds", run.nanos() / 1e9)
                    .put("error", run.failure().orElse(null));
        }
    }

    private static void strings(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }
}
