package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource({"1,qemu-q35,qemu-system-x86", "2,vhost-user,qemu-system-common"})
    void aMachineThatIsNotHereComesWithTheWayToGetIt(int place, String name, String debianPackage) throws IOException {
        JsonNode machine = new ObjectMapper()
                .readTree(CommandCall.of("doctor", "--json").out())
                .at("/machines/" + place);
        assertEquals(name, machine.get("name").asText());
        if (machine.get("condition").asText().equals("works")) {
            assertTrue(machine.get("remedy").isNull(), machine.toString());
        } else {
            assertEquals("apt install " + debianPackage, machine.get("remedy").asText());
        }
    }

    @Test
    void whoeverLacksHugePagesIsToldHowToGetSome() throws IOException {
        JsonNode pages = new ObjectMapper()
                .readTree(CommandCall.of("doctor", "--json").out())
                .get("hugePages");
        assertEquals(2 << 20, pages.get("bytes").asLong());
        String shown = CommandCall.of("doctor").out();
        assertTrue(shown.contains("huge pages"), shown);
        assertEquals(pages.get("free").asLong() < 64, shown.contains("/proc/sys/vm/nr_hugepages"), shown);
    }

    @Test
    void aPersonSeesTheSame() {
        CommandCall call = CommandCall.of("doctor");
        assertTrue(call.out().contains("emulated   works"), call.out());
        assertTrue(call.out().contains("cores"), call.out());
    }

    @Test
    void whatIsRecordedCanBeExplained(@TempDir Path folder) throws IOException {
        Path tree = folder.resolve("tree");
        Path parent = Files.createDirectories(tree.resolve("sys/devices/pci0000:00/0000:00:01.0/virtio0"));
        Files.createDirectories(tree.resolve("sys/bus/virtio/devices"));
        Files.createDirectories(tree.resolve("proc"));
        Files.writeString(tree.resolve("proc/cpuinfo"), "CPU implementer\t: 0x41\n");
        Files.writeString(parent.resolve("device"), "0x0002\n");
        Files.createSymbolicLink(tree.resolve("sys/bus/virtio/devices/virtio0"), parent.toAbsolutePath());
        Path file = folder.resolve("m.toml");
        CommandCall call = CommandCall.of("doctor", "--record", file.toString(), "--root", tree.toString());
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("postern explain --facts " + file + " --device virtio0"), call.out());
        CommandCall again = CommandCall.of("doctor", "--json", "--record", file.toString(), "--root", tree.toString());
        assertEquals(
                "virtio0",
                new ObjectMapper().readTree(again.out()).at("/devices/0").asText());
        CommandCall explained = CommandCall.of("explain", "--facts", file.toString(), "--device", "virtio0");
        assertEquals(ExitStatus.DONE, explained.status(), explained.err());
        assertTrue(explained.out().contains("virtio0 on " + file + ": Direct"), explained.out());
    }

    @Test
    void aRecordReplacesNoFileThatIsNone(@TempDir Path folder) throws IOException {
        Path precious = Files.writeString(folder.resolve("precious.txt"), "precious");
        Files.createDirectories(folder.resolve("tree/sys"));
        Files.createDirectories(folder.resolve("tree/proc"));
        String root = folder.resolve("tree").toString();
        for (Path file : List.of(precious, folder, folder.resolve("none/m.toml"))) {
            CommandCall call = CommandCall.of("doctor", "--record", file.toString(), "--root", root);
            assertEquals(ExitStatus.WRONG_CALL, call.status(), call.out());
            assertEquals(1, call.errLines().size(), call.err());
        }
        assertEquals("precious", Files.readString(precious));
        CommandCall empty =
                CommandCall.of("doctor", "--record", folder.resolve("m.toml").toString(), "--root", folder.toString());
        assertEquals(ExitStatus.WRONG_CALL, empty.status());
        assertTrue(empty.err().contains("has no sys and proc"), empty.err());
    }
}
