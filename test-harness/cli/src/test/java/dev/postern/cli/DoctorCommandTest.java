package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {

    @Test
    void theEmulatedMachineWorksEverywhere() throws IOException {
        CommandCall call = CommandCall.of("doctor", "--json");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals("postern.doctor/1", root.get("schema").asText());
        assertTrue(root.get("ok").asBoolean());
        assertEquals("emulated", root.at("/machines/0/name").asText());
        assertEquals("works", root.at("/machines/0/condition").asText());
    }

    @Test
    void aMachineThatIsNotHereComesWithTheWayToGetIt() throws IOException {
        JsonNode qemu = new ObjectMapper()
                .readTree(CommandCall.of("doctor", "--json").out())
                .at("/machines/1");
        assertEquals("qemu-q35", qemu.get("name").asText());
        assertEquals(
                qemu.get("condition").asText().equals("works"),
                qemu.get("remedy").isNull(),
                qemu.toString());
    }

    @Test
    void aPersonSeesTheSame() {
        CommandCall call = CommandCall.of("doctor");
        assertTrue(call.out().contains("emulated   works"), call.out());
        assertTrue(call.out().contains("cores"), call.out());
    }
}
