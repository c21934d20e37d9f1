package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postern.attach.QemuProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QemuBootTest {

    @TempDir
    private Path folder;

    @BeforeAll
    static void requireQemu() {
        if (QemuProbe.look().isEmpty()) {
            String why = "no QEMU here: install the Debian package " + QemuProbe.DEBIAN_PACKAGE;
            if ("1".equals(System.getenv("POSTERN_REQUIRE_PEERS"))) {
                fail(why);
            }
            abort(why);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"msix", "intx", "polled"})
    void bothMachinesReadTheSameFileAlike(String irq) throws IOException {
        Path file = image("a,b c.img", (1 << 20) + 512);
        String disk = "blk,bus=br0,ro=on,file=" + file.toString().replace(",", ",,");
        String[] rest = {"--irq", irq, "--device", "bridge,id=br0", "--device", disk, "--device", "rng"};
        JsonNode qemu = document("qemu-q35", rest);
        assertEquals(document("emulated", rest).at("/app/digest"), qemu.at("/app/digest"));
        assertEquals(64, qemu.at("/app/digest/blk0").asText().length());
        assertEquals(64, qemu.at("/app/entropy/rng0").asText().length());
    }

    @Test
    void cloneWritesTheSecondFileOnly() throws IOException {
        Path source = image("source.img", 1 << 20);
        Path target = Files.write(folder.resolve("target.img"), new byte[1 << 20]);
        byte[] content = Files.readAllBytes(source);
        CommandCall call = CommandCall.of(
                "boot",
                "--machine",
                "qemu-q35",
                "--device",
                "blk,ro=on,file=" + source,
                "--device",
                "blk,file=" + target,
                "--app",
                "clone");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertArrayEquals(content, Files.readAllBytes(source));
        assertArrayEquals(content, Files.readAllBytes(target));
    }

    @Test
    void withoutADeviceTheLogSaysThatADiskNeedsAFile() {
        CommandCall call = CommandCall.of("boot", "--machine", "qemu-q35");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("a disk on qemu-q35 is an image"), call.out());
        assertTrue(call.out().contains("rng0"), call.out());
    }

    @Test
    void aFeatureThatQemuCannotChangeIsAWrongCall() {
        CommandCall call = CommandCall.of("boot", "--machine", "qemu-q35", "--device", "rng,features=+in_order");
        assertEquals(ExitStatus.WRONG_CALL, call.status());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().contains("in_order"), call.err());
    }

    private static JsonNode document(String machine, String... rest) throws IOException {
        String[] words = new String[rest.length + 4];
        System.arraycopy(new String[] {"boot", "--json", "--machine", machine}, 0, words, 0, 4);
        System.arraycopy(rest, 0, words, 4, rest.length);
        CommandCall call = CommandCall.of(words);
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        return new ObjectMapper().readTree(call.out());
    }

    private Path image(String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(5).nextBytes(content);
        return Files.write(folder.resolve(name), content);
    }
}
