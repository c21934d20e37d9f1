package dev.postern.quirks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FactFileReaderTest {

    private static final String GOOD = """
        # recorded
        schema = "postern.facts/1"
        [platform]
        architecture = "power"
        iommu-kind = "tce"
        iommu-state = "up"
        window-bits = 60
        [[device]]
        name = "virtio0"
        device-type = 2
        access-platform = "offered"
        [[device]]
        name = "virtio1"
        address-bits = 0x20
        """;

    private static FactFile read(String text) {
        return FactFileReader.read("m.toml", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aFileAsItShouldBeIsReadAndEachFactKnowsItsLine() {
        FactFile file = read(GOOD);
        assertEquals(List.of(), file.complaints());
        assertEquals("architecture = power (m.toml:4)", file.platform().describe(FactName.ARCHITECTURE));
        assertEquals("window-bits = 60 (m.toml:7)", file.platform().describe(FactName.WINDOW_BITS));
        assertEquals("preset = m.toml (facts file)", file.platform().describe(FactName.PRESET));
        RecordedDevice first = file.device("virtio0").orElseThrow();
        assertEquals("access-platform = offered (m.toml:11)", first.facts().describe(FactName.ACCESS_PLATFORM));
        assertEquals("m.toml:8", first.where().toString());
        assertEquals(
                "address-bits = 32 (m.toml:14)",
                file.device("virtio1").orElseThrow().facts().describe(FactName.ADDRESS_BITS));
        assertTrue(file.device("virtio2").isEmpty());
    }

    @Test
    void aPresetIsWhereThePlatformsFactsStart() {
        FactFile file = read("schema = \"postern.facts/1\"\n[platform]\npreset = \"tdx\"\nram-bits = 36\n");
        assertEquals(List.of(), file.complaints());
        assertEquals("protection = tdx (preset tdx)", file.platform().describe(FactName.PROTECTION));
        assertEquals("ram-bits = 36 (m.toml:4)", file.platform().describe(FactName.RAM_BITS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "schema = \"postern.facts/1\"|schema = \"postern.facts/2\"|m.toml:2:1: |this version reads"
                        + " \"postern.facts/1\"",
                "schema = \"postern.facts/1\"||m.toml:1:1: |begin it with schema =",
                "architecture =|archtecture =|m.toml:4:1: |the nearest fact is architecture",
                "access-platform =|acces-platform =|m.toml:11:1: |the nearest fact is access-platform",
                "\"power\"|\"vax\"|m.toml:4:1: |\"vax\" is no value of architecture: give one of [x86,",
                "window-bits = 60|window-bits = 65|m.toml:7:1: |a number from 1 to 64",
                "window-bits = 60|window-bits = [60]|m.toml:7:1: |a table or array is no value",
                "name = \"virtio1\"|name = \"virtio0\"|m.toml:13:1: |the device of line 9 is called \"virtio0\" too",
                "name = \"virtio1\"||m.toml:12:1: |the device has no name",
                "\"virtio1\"|\"a,b\"|m.toml:13:1: |shorten it",
                "address-bits = 0x20|iommu-state = \"none\"|m.toml:14:1: |said of the platform in line 6",
                "\"power\"|\"arm\"|m.toml:4:1: |iommu-kind = tce (m.toml:5)",
                "\"tce\"|\"none\"|m.toml:6:1: |no IOMMU that could be in a state",
                "address-bits = 0x20|transport = \"ccw\"|m.toml:14:1: |channel devices are of s390",
                "device-type = 2|transport = \"legacy-pci\"|m.toml:11:1: |feature bits 0 to 31 only",
                "[platform]|[platfrom]|m.toml:3:1: |unknown key \"platfrom\"",
                "[platform]|platform = 3|m.toml:3:1: |\"platform\" is no table",
                "window-bits = 60|dma-ranges = \"0x0+0x0=0x0\"|m.toml:7:1: |not empty",
                "window-bits = 60|preset = \"tdy\"|m.toml:7:1: |the nearest is tdx",
                "architecture =|architecture = =|m.toml:4:|is not TOML"
            })
    void whatIsWrongIsSaidWithItsPlace(String right, String wrong, String place, String about) {
        assertTrue(GOOD.contains(right), right);
        String replacement = wrong == null ? "" : wrong;
        // A table that became a key leaves the facts below it at the top.
        String text = replacement.equals("platform = 3")
                ? GOOD.substring(0, GOOD.indexOf("[platform]")) + replacement + "\n"
                : GOOD.replace(right, replacement);
        List<Complaint> complaints = read(text).complaints();
        assertTrue(
                complaints.stream()
                        .map(Complaint::toString)
                        .anyMatch(line -> line.startsWith(place) && line.contains(about)),
                complaints::toString);
        complaints.forEach(
                complaint -> assertEquals(1, complaint.toString().lines().count()));
    }

    @Test
    void aContradictionOfThePlatformIsNotRepeatedForEachDevice() {
        assertEquals(1, read(GOOD.replace("\"power\"", "\"arm\"")).complaints().size());
    }

    @Test
    void whatIsNoTextFileIsOneComplaint(@TempDir Path folder) throws IOException {
        Path big = folder.resolve("big.toml");
        Files.write(big, new byte[(1 << 20) + 1]);
        Path latin = Files.write(folder.resolve("latin.toml"), new byte[] {'#', ' ', (byte) 0xe4, '\n'});
        for (Path file : List.of(big, latin, folder, folder.resolve("none.toml"))) {
            List<Complaint> complaints = FactFileReader.read(file).complaints();
            assertEquals(1, complaints.size(), complaints::toString);
        }
        assertTrue(message(big).contains("longer than 1048576 bytes"), message(big));
        assertTrue(message(latin).contains(":1:3: is not UTF-8"), message(latin));
        assertTrue(message(folder).contains("is a folder"), message(folder));
    }

    private static String message(Path file) {
        return FactFileReader.read(file).complaints().getFirst().toString();
    }
}
