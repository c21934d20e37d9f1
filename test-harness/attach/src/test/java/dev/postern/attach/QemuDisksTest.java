package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class QemuDisksTest {

    private static final int VIRTIO_BLK = 0x10421af4;
    private static final int VIRTIO_RNG = 0x10441af4;

    @TempDir
    private Path folder;

    @BeforeAll
    static void qemu() {
        Peer.requireQemu();
    }

    private Path image(String name) throws IOException {
        return Files.write(folder.resolve(name), new byte[1 << 20]);
    }

    private static JsonNode node(QemuQ35 machine, String name) {
        for (JsonNode node : machine.qmp("query-named-block-nodes", Map.of())) {
            if (node.path("node-name").asText().equals(name)) {
                return node;
            }
        }
        throw new AssertionError("no node " + name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain.img", "a, b,,c.img", "nbd:x:y.img", "quote\"back\\slash.img", "json:{}", "per %s cent.img"
            })
    void aFileOfAnyNameBecomesADisk(String name) throws IOException {
        Path file = image(name);
        try (QemuQ35 machine = QemuQ35.builder()
                .device(new QemuDevice.Disk(file, DiskAccess.READ_WRITE, "d0"))
                .build()) {
            assertEquals(VIRTIO_BLK, new ConfigPorts(machine).read32(0, 1, 0));
            JsonNode node = node(machine, "d0-file");
            assertEquals(file.toString(), node.path("image").path("filename").asText());
            assertFalse(node.path("ro").asBoolean());
            assertFalse(node.path("cache").path("no-flush").asBoolean(true), "a flush must reach the file");
            machine.qmp("block_resize", Map.of("node-name", "d0", "size", 2 << 20));
            assertEquals(2 << 20, Files.size(file));
        }
    }

    @Test
    void devicesTakeTheSlotsOfTheirBusInOrder() throws IOException {
        QemuQ35Builder builder = QemuQ35.builder().device(new QemuDevice.Rng("r0"));
        builder.device(new QemuDevice.RootPort("rp0")).device(new QemuDevice.PciBridge("bridge"));
        builder.device(new QemuDevice.Rng("r1", "rp0", FeatureAdjustments.none()));
        for (int slot = 1; slot <= 31; slot++) {
            builder.device(new QemuDevice.Rng("behind-" + slot, "bridge", FeatureAdjustments.none()));
        }
        try (QemuQ35 machine = builder.build()) {
            ConfigPorts config = new ConfigPorts(machine);
            assertEquals(VIRTIO_RNG, config.read32(0, 1, 0));
            assertEquals(0x000c1b36, config.read32(0, 2, 0), "QEMU's root port");
            assertEquals(0x00011b36, config.read32(0, 3, 0), "QEMU's conventional bridge");
            config.write32(0, 2, 0x18, 0x00010100);
            config.write32(0, 3, 0x18, 0x00020200);
            assertEquals(VIRTIO_RNG, config.read32(1, 0, 0));
            for (int slot = 1; slot <= 31; slot++) {
                assertEquals(VIRTIO_RNG, config.read32(2, slot, 0));
            }
        }
    }

    @Test
    void featuresAreAdjustedUnderQemusOwnNames() throws IOException {
        FeatureAdjustments features = FeatureAdjustments.parse("+packed+access_platform-event_idx")
                .withhold("indirect_desc")
                .withhold("ring_reset");
        try (QemuQ35 machine = QemuQ35.builder()
                .device(new QemuDevice.Disk(image("a.img"), DiskAccess.READ_ONLY, "d0", QemuDevice.ROOT_BUS, features))
                .device(new QemuDevice.Rng("r0"))
                .build()) {
            Map<String, Boolean> expected = Map.of(
                    "packed", true,
                    "iommu_platform", true,
                    "event_idx", false,
                    "indirect_desc", false,
                    "queue_reset", false);
            expected.forEach((property, value) -> {
                JsonNode actual =
                        machine.qmp("qom-get", Map.of("path", "/machine/peripheral/d0", "property", property));
                assertEquals(value, actual.asBoolean(), property);
                JsonNode untouched =
                        machine.qmp("qom-get", Map.of("path", "/machine/peripheral/r0", "property", property));
                assertEquals(!value, untouched.asBoolean(), property + " of the other device");
            });
            assertTrue(node(machine, "d0").path("ro").asBoolean());
        }
    }

    @Test
    void aLockedImageIsRefusedInOneLineThatSaysWhatToDo() throws IOException {
        Path file = image("locked.img");
        try (QemuQ35 holder = QemuQ35.builder()
                .device(new QemuDevice.Disk(file, DiskAccess.READ_WRITE, "d0"))
                .build()) {
            for (DiskAccess access : DiskAccess.values()) {
                QemuQ35Builder second = QemuQ35.builder().device(new QemuDevice.Disk(file, access, "d0"));
                MachineConfigurationException refused =
                        assertThrows(MachineConfigurationException.class, second::build);
                String message = refused.getMessage();
                assertTrue(message.contains("lock"), message);
                assertTrue(message.contains("locked.img"), message);
                assertTrue(message.endsWith("end the other user of the image, or open it read-only in both"), message);
                assertFalse(message.contains("\n"), message);
            }
            assertEquals(0x29c08086, new ConfigPorts(holder).read32(0, 0, 0), "the first lives on");
        }
    }

    @Test
    void readersShareAnImageAndItsLockEndsWithTheMachine() throws IOException {
        Path file = image("shared.img");
        QemuQ35Builder reader = QemuQ35.builder().device(new QemuDevice.Disk(file, DiskAccess.READ_ONLY, "d0"));
        try (QemuQ35 first = reader.build();
                QemuQ35 second = reader.build()) {
            assertTrue(first.pid() != second.pid());
        }
        try (QemuQ35 writer = QemuQ35.builder()
                .device(new QemuDevice.Disk(file, DiskAccess.READ_WRITE, "d0"))
                .build()) {
            assertFalse(node(writer, "d0").path("ro").asBoolean());
        }
    }

    @Test
    void whatQemuItselfRefusesIsToldInItsWords() {
        QemuQ35Builder builder = QemuQ35.builder().extraWords("-device", "no-such-device");
        MachineConfigurationException refused = assertThrows(MachineConfigurationException.class, builder::build);
        assertTrue(refused.getMessage().contains("no-such-device"), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"));
    }

    /** QEMU itself aborts here, since a bus is also a property of its bridge. */
    @Test
    void anIdThatIsAPropertyOfTheBridgeIsRefused() {
        QemuQ35Builder builder = QemuQ35.builder().device(new QemuDevice.RootPort("port"));
        MachineConfigurationException refused = assertThrows(MachineConfigurationException.class, builder::build);
        assertTrue(refused.getMessage().contains("id=port"), refused.getMessage());
        assertTrue(refused.getMessage().endsWith("use another id"), refused.getMessage());
    }
}
