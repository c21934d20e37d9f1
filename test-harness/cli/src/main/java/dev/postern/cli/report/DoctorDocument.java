package dev.postern.cli.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.cli.record.MachineRecord;
import dev.postern.cli.run.Checkup;
import dev.postern.os.HugePages;
import java.util.Locale;

/** What works here, as one JSON document, {@value #SCHEMA}. */
public final class DoctorDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.doctor/1";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private DoctorDocument() {}

    /** The document, in lines. */
    public static String of(Checkup checkup) {
        ObjectNode root = JSON.createObjectNode();
        root.put("schema", SCHEMA);
        root.put("ok", checkup.works());
        ArrayNode machines = root.putArray("machines");
        for (Checkup.Bench bench : checkup.machines()) {
            machines.addObject()
                    .put("name", bench.name())
                    .put("condition", bench.condition().name().toLowerCase(Locale.ROOT))
                    .put("what", bench.what())
                    .put("remedy", bench.remedy().orElse(null));
        }
        Checkup.Host host = checkup.host();
        root.putObject("java").put("version", host.javaVersion()).put("home", host.javaHome());
        root.put("cores", host.cores());
        root.putObject("memory").put("bytes", host.memoryBytes()).put("free", host.freeBytes());
        root.putObject("hugePages")
                .put("bytes", HugePages.BYTES)
                .put("all", host.hugePages().all())
                .put("free", host.hugePages().free());
        return written(root);
    }

    /**
     * What was recorded, in lines.
     *
     * @param file that was written
     */
    public static String of(String file, MachineRecord found) {
        ObjectNode root = JSON.createObjectNode();
        root.put("schema", SCHEMA);
        root.put("ok", true);
        root.put("recorded", file);
        ArrayNode devices = root.putArray("devices");
        found.deviceNames().forEach(devices::add);
        ArrayNode unknown = root.putArray("unknown");
        found.unknown().forEach(unknown::add);
        return written(root);
    }

    private static String written(ObjectNode root) {
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings, numbers and booleans is always JSON", e);
        }
    }
}
