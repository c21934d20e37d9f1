package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What QEMU's disks are told, seen by the guest, and what they do to the file, seen by QEMU's own tools. */
@Timeout(120)
class QemuDiskSettingsTest {

    private static final int BYTES = 1 << 20;
    private static final int HALF = BYTES / 2;

    @TempDir
    private Path folder;

    @BeforeAll
    static void qemu() {
        Peer.requireQemu();
    }

    private Path image() throws IOException {
        byte[] content = new byte[BYTES];
        new Random(5).nextBytes(content);
        return Files.write(folder.resolve("disk.img"), content);
    }

    private QemuQ35 machine(QemuDevice.Disk disk) {
        return QemuQ35.builder().device(disk).build();
    }

    private QemuDevice.Disk disk() throws IOException {
        return new QemuDevice.Disk(image(), DiskAccess.READ_WRITE, "d0");
    }

    /** Lets QEMU itself use the disk as it does for the guest. What comes of it is told nowhere but on QEMU's output. */
    private static void io(QemuQ35 machine, String command) {
        String line = "qemu-io -d /machine/peripheral/d0/virtio-backend \"%s\"".formatted(command);
        assertEquals(
                "",
                machine.qmp("human-monitor-command", Map.of("command-line", line))
                        .asText(),
                command);
    }

    @Test
    void theGuestIsToldEveryNumber() throws IOException {
        DiskSettings settings = DiskSettings.none()
                .with(DiskProperty.QUEUES, 4)
                .with(DiskProperty.QUEUE_SIZE, 64)
                .with(DiskProperty.BLOCK_SIZE, 1024)
                .with(DiskProperty.PHYSICAL_BLOCK_SIZE, 4096)
                .with(DiskProperty.MINIMUM_IO, 2048)
                .with(DiskProperty.OPTIMAL_IO, 65536)
                .with(DiskProperty.DISCARD_SECTORS, 100)
                .with(DiskProperty.DISCARD_GRANULARITY, 8192)
                .with(DiskProperty.WRITE_ZEROES_SECTORS, 200)
                .segmentLimit(SegmentLimit.BY_QUEUE_SIZE);
        try (QemuQ35 machine = machine(disk().settings(settings))) {
            VirtioWindow disk = new VirtioWindow(new ConfigPorts(machine), 1);
            assertEquals(64, disk.queueSize());
            assertEquals(62, disk.config(12, 4), "seg_max");
            assertEquals(1024, disk.config(20, 4), "blk_size");
            assertEquals(2, disk.config(24, 1), "physical_block_exp");
            assertEquals(2, disk.config(26, 2), "min_io_size");
            assertEquals(64, disk.config(28, 4), "opt_io_size");
            assertEquals(4, disk.config(34, 2), "num_queues");
            assertEquals(100, disk.config(36, 4), "max_discard_sectors");
            assertEquals(1, disk.config(40, 4), "max_discard_seg");
            assertEquals(16, disk.config(44, 4), "discard_sector_alignment");
            assertEquals(200, disk.config(48, 4), "max_write_zeroes_sectors");
            assertTrue(disk.offers(12), "MQ");
        }
    }

    @Test
    void withoutSettingsTheDiskIsAsQemuMakesIt() throws IOException {
        try (QemuQ35 machine = machine(disk())) {
            VirtioWindow disk = new VirtioWindow(new ConfigPorts(machine), 1);
            assertEquals(256, disk.queueSize());
            assertEquals(512, disk.config(20, 4));
            assertFalse(disk.offers(12), "MQ");
            for (int always : new int[] {2, 6, 9, 10, 11, 13, 14, 32, 40}) {
                assertTrue(disk.offers(always), "feature " + always);
            }
        }
    }

    @Test
    void featuresOfDisksAreWithheldAndSegMaxIsFixed() throws IOException {
        QemuDevice.Disk disk = disk().features(
                        FeatureAdjustments.parse("-discard-write_zeroes-config_wce-in_order+flush"))
                .settings(DiskSettings.none().with(DiskProperty.QUEUE_SIZE, 16).segmentLimit(SegmentLimit.FIXED));
        try (QemuQ35 machine = machine(disk)) {
            VirtioWindow window = new VirtioWindow(new ConfigPorts(machine), 1);
            assertEquals(126, window.config(12, 4));
            for (int withheld : new int[] {11, 13, 14, 35}) {
                assertFalse(window.offers(withheld), "feature " + withheld);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"WRITEBACK, 1", "WRITETHROUGH, 0"})
    void theCacheBeginsInTheModeThatWasAskedFor(WriteCache mode, int writeback) throws IOException {
        try (QemuQ35 machine = machine(disk().settings(DiskSettings.none().writeCache(mode)))) {
            assertEquals(writeback, new VirtioWindow(new ConfigPorts(machine), 1).config(32, 1));
        }
    }

    @Test
    void theSerialMayHaveEveryCharacterOfQemusOwnSyntax() throws IOException {
        String serial = "a,b=c, ,,\"d'";
        try (QemuQ35 machine = machine(disk().settings(DiskSettings.none().serial(serial)))) {
            assertEquals(
                    serial,
                    machine.qmp("qom-get", Map.of("path", "/machine/peripheral/d0", "property", "serial"))
                            .asText());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"discard 0 524288", "write -z -u 0 524288"})
    void whatIsGivenBackIsAHoleInTheFile(String command) throws Exception {
        requireImageTool();
        QemuDevice.Disk disk = disk();
        byte[] before = Files.readAllBytes(disk.file());
        assertEquals(List.of(true), dataOf(disk.file()));
        try (QemuQ35 machine = machine(disk)) {
            io(machine, command);
        }
        byte[] after = Files.readAllBytes(disk.file());
        assertTrue(Arrays.equals(before, HALF, BYTES, after, HALF, BYTES), "the other half is as it was");
        assertEquals(List.of(false, true), dataOf(disk.file()));
        assertTrue(Arrays.equals(new byte[HALF], 0, HALF, after, 0, HALF));
    }

    @Test
    void zerosThatKeepTheirSpaceAreWritten() throws Exception {
        QemuDevice.Disk disk = disk();
        try (QemuQ35 machine = machine(disk)) {
            io(machine, "write -z 0 524288");
        }
        assertTrue(Arrays.equals(new byte[HALF], 0, HALF, Files.readAllBytes(disk.file()), 0, HALF));
    }

    /** Which parts of an image hold data, in the words of {@code qemu-img map}. */
    private static List<Boolean> dataOf(Path file) throws IOException {
        Process map = new ProcessBuilder("qemu-img", "map", "-f", "raw", "--output=json", file.toString()).start();
        JsonNode parts = new ObjectMapper().readTree(map.getInputStream());
        return parts.valueStream().map(part -> part.path("data").asBoolean()).toList();
    }

    private static void requireImageTool() {
        boolean here = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(bin -> Files.isExecutable(Path.of(bin, "qemu-img")));
        assumeTrue(here, "no qemu-img on PATH: install the Debian package qemu-utils");
    }

    /** A guest's I/O error is for tests with a guest; here it is whether the file was touched. */
    @ParameterizedTest
    @CsvSource({"WRITE, write -P 1", "DISCARD, discard", "WRITE_ZEROES, write -z -u"})
    void anOperationFailsAtItsSectorAndNowhereElse(DiskOperation operation, String command) throws IOException {
        QemuDevice.Disk disk = disk();
        byte[] before = Files.readAllBytes(disk.file());
        try (QemuQ35 machine = machine(disk.settings(DiskSettings.none().failing(operation, 104)))) {
            io(machine, command + " 53248 4096");
            io(machine, command + " 57344 4096");
        }
        byte[] after = Files.readAllBytes(disk.file());
        assertTrue(Arrays.equals(before, 53248, 57344, after, 53248, 57344), "it failed at sector 104");
        assertFalse(Arrays.equals(before, 57344, 61440, after, 57344, 61440), "it did not fail behind it");
    }

    @Test
    void everyFailureIsARuleOfQemus() throws IOException {
        DiskSettings settings = DiskSettings.none();
        for (DiskOperation operation : DiskOperation.values()) {
            settings = settings.failing(operation, 7);
        }
        try (QemuQ35 machine = machine(disk().settings(settings))) {
            for (JsonNode node : machine.qmp("query-named-block-nodes", Map.of())) {
                if (node.path("node-name").asText().equals("d0")) {
                    assertEquals("blkdebug", node.path("drv").asText());
                    String rules = node.path("image").path("filename").asText();
                    for (String type : List.of("read", "write", "flush", "discard", "write-zeroes")) {
                        assertTrue(rules.contains("iotype\": \"" + type + "\""), rules);
                    }
                    return;
                }
            }
        }
        throw new AssertionError("no node d0");
    }

    @ParameterizedTest
    @CsvSource({
        "QUEUE_SIZE, 3, power of 2",
        "QUEUE_SIZE, 2048, power of 2",
        "BLOCK_SIZE, 1000, logical_block_size",
        "QUEUES, 0, num-queues",
        "DISCARD_SECTORS, 4294967295, max-discard-sectors"
    })
    void aNumberThatQemuRefusesIsToldInOneLine(DiskProperty property, long value, String part) throws IOException {
        QemuQ35Builder builder =
                QemuQ35.builder().device(disk().settings(DiskSettings.none().with(property, value)));
        MachineConfigurationException refused = assertThrows(MachineConfigurationException.class, builder::build);
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"+in_order", "+notification_data", "+order_platform", "+zoned", "-seg_max", "-flush"})
    void whatQemuCannotDoWithAFeatureIsSaidWithTheRemedy(String features) {
        MachineConfigurationException refused =
                assertThrows(MachineConfigurationException.class, () -> FeatureAdjustments.parse(features));
        assertTrue(refused.getMessage().contains(features.substring(1)), refused.getMessage());
        assertTrue(refused.getMessage().endsWith("leave it out, or use another machine"), refused.getMessage());
    }

    @Test
    void whatQemuDoesAnywayNeedsNoWord() {
        assertEquals(FeatureAdjustments.none(), FeatureAdjustments.parse("-in_order-zoned+flush+seg_max"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "123456789012345678901", "tab\tin", "ümlaut"})
    void aSerialThatAGuestCannotReadIsRefused(String serial) {
        assertTrue(assertThrows(
                        MachineConfigurationException.class,
                        () -> DiskSettings.none().serial(serial))
                .getMessage()
                .contains("1 to 20 printable ASCII characters"));
    }
}
