package dev.postern.cli.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.cli.WrongCallException;
import dev.postern.lab.AdjustableFeature;
import dev.postern.lab.DiskAccess;
import dev.postern.lab.LabDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceParserTest {

    @TempDir
    private Path folder;

    @Test
    void aDiskHasAllThatIsWrittenOfIt() throws IOException {
        Path file = image("disk.img", 512);
        LabDevice disk = only("blk,file=%s,ro=on,id=d0,bus=pcie.0,features=+access_platform-event_idx".formatted(file));
        LabDevice.Disk found = assertInstanceOf(LabDevice.Disk.class, disk);
        assertEquals(file, found.file());
        assertEquals(DiskAccess.READ_ONLY, found.access());
        assertEquals("d0", found.id());
        assertEquals("pcie.0", found.bus());
        assertEquals(
                Map.of(AdjustableFeature.ACCESS_PLATFORM, true, AdjustableFeature.EVENT_IDX, false), found.features());
    }

    @Test
    void aDiskIsWritableUnlessSaidOtherwiseAndGoesByTheNameThatTheGuestGivesIt() {
        List<LabDevice> devices = DeviceParser.parse(List.of("blk,size=1M", "rng", "blk,size=2M,seed=-7", "rng"));
        assertEquals(
                List.of("blk0", "rng0", "blk1", "rng1"),
                devices.stream().map(LabDevice::id).toList());
        LabDevice.MemoryDisk first = (LabDevice.MemoryDisk) devices.getFirst();
        assertEquals(DiskAccess.READ_WRITE, first.access());
        assertEquals(1, first.seed());
        assertEquals(-7, ((LabDevice.MemoryDisk) devices.get(2)).seed());
    }

    @Test
    void aMadeUpNameMakesWayForAGivenOne() {
        List<LabDevice> devices = DeviceParser.parse(List.of("blk,size=1M", "blk,size=1M,id=blk0"));
        assertEquals("blk0", devices.get(1).id());
        assertFalse(devices.getFirst().id().equals("blk0"));
    }

    @Test
    void aDoubledCommaIsACommaInAFileName() throws IOException {
        Path file = image("a,b,,c.img", 512);
        String doubled = file.toString().replace(",", ",,");
        assertEquals(file, ((LabDevice.Disk) only("blk,file=" + doubled + ",ro=on")).file());
    }

    @Test
    void everyValueSurvivesBeingDoubledAndReadAgain() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            StringBuilder value = new StringBuilder();
            for (int i = random.nextInt(8); i > 0; i--) {
                value.append(",=+ab-".charAt(random.nextInt(6)));
            }
            String text = "kind,first=%s,last=x".formatted(value.toString().replace(",", ",,"));
            SpecText spec = SpecText.parse(text);
            assertEquals(
                    Map.of("first", value.toString(), "last", "x"), spec.options(), "seed " + seed + ", text " + text);
            assertEquals("kind", spec.kind());
        }
    }

    @Test
    void noTextEndsInAnythingButDevicesOrAWrongCall() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String[] bits = {
            "blk",
            "rng",
            "bridge",
            "root-port",
            ",",
            "=",
            "size",
            "id",
            "bus",
            "ro",
            "on",
            "1M",
            "features",
            "+",
            "-packed",
            "br0",
            "seed",
            "\u0000",
            "ü",
            "file"
        };
        int accepted = 0;
        for (int round = 0; round < 3000; round++) {
            StringBuilder text = new StringBuilder(bits[random.nextInt(3)]);
            for (int i = random.nextInt(9); i > 0; i--) {
                text.append(bits[random.nextInt(bits.length)]);
            }
            try {
                DeviceParser.parse(List.of(text.toString()));
                accepted++;
            } catch (WrongCallException wrong) {
                assertFalse(wrong.getMessage().isBlank(), "seed " + seed + ", text " + text);
            } catch (RuntimeException other) {
                throw new AssertionError("seed " + seed + ", text " + text, other);
            }
        }
        assertTrue(accepted > 0, "seed " + seed + ": nothing was accepted, so nothing was tried");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "blok,size=1M|did you mean 'blk'?",
                "blk|needs one of file=FILE",
                "blk,size=1M,file=x|needs one of file=FILE",
                "blk,size=1M,|an option is empty",
                "blk,ro,size=1M|is no option: write key=value",
                "blk,=1M|write key=value",
                "blk,size=1M,size=2M|is given twice",
                "blk,sice=1M|did you mean 'size'?",
                "blk,size=1000|no multiple of 512",
                "blk,size=0|above zero",
                "blk,size=1M,ro=yes|choose from on, off",
                "blk,size=1M,seed=x|no whole number of 64 bits",
                "blk,file=x,seed=1|leave it out",
                "blk,file=|file= is empty",
                "blk,size=1M,features=packed|write + or - before each name",
                "blk,size=1M,features=|write + or - before each name",
                "blk,size=1M,features=+packed-packed|is given twice",
                "blk,size=1M,features=+event_ix|did you mean 'event_idx'?",
                "rng,features=+flush|no feature of rng 'flush'",
                "rng,size=1M|no option of rng 'size'",
                "rng,id=0a|use a letter",
                "rng,id=pcie.0|and not pcie.0",
                "rng,bus=br0|no bus 'br0'",
                "bridge|needs an id=",
                "root-port,id=rp0,bus=pcie.0|no option of root-port 'bus'",
                "blk,size=1M,queues=0|whole number from 1 to 16",
                "blk,size=1M,discard=yes|choose from on, off",
                "blk,size=1M,serial=|1 to 20 printable"
            })
    void aMistakeIsNamedTogetherWithItsRemedy(String spec, String part) {
        WrongCallException wrong = assertThrows(WrongCallException.class, () -> DeviceParser.parse(List.of(spec)));
        assertTrue(wrong.getMessage().contains(part), wrong.getMessage());
        assertFalse(wrong.getMessage().contains("\n"), wrong.getMessage());
    }

    @Test
    void aBusMustComeBeforeWhatIsOnIt() {
        WrongCallException wrong = assertThrows(
                WrongCallException.class, () -> DeviceParser.parse(List.of("rng,bus=br0", "bridge,id=br0")));
        assertTrue(wrong.getMessage().contains("move that --device"), wrong.getMessage());
    }

    @Test
    void twoDevicesMustNotShareAnId() {
        WrongCallException wrong =
                assertThrows(WrongCallException.class, () -> DeviceParser.parse(List.of("rng,id=a", "bridge,id=a")));
        assertTrue(wrong.getMessage().contains("two devices have the id 'a'"), wrong.getMessage());
    }

    @Test
    void anOrderThatTheGuestWouldNotFindIsRefused() {
        List<String> crossed = List.of("bridge,id=br0", "blk,size=1M,id=first", "blk,size=1M,id=second,bus=br0");
        WrongCallException wrong = assertThrows(WrongCallException.class, () -> DeviceParser.parse(crossed));
        assertTrue(wrong.getMessage().startsWith("device 'second' would be found before 'first'"), wrong.getMessage());
    }

    @Test
    void disksAndEntropyDevicesAreNumberedApartAndMayCross() {
        List<String> crossed = List.of("bridge,id=br0", "rng", "blk,size=1M,bus=br0", "bridge,id=br1,bus=br0");
        assertEquals(4, DeviceParser.parse(crossed).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ro=on", "ro=off"})
    void aFileThatIsNoImageIsRefusedBeforeAnyMachineIsMade(String access) throws IOException {
        assertTrue(complaint(folder.resolve("none"), access).contains("does not exist"));
        assertTrue(complaint(folder, access).contains("is a directory"));
        assertTrue(complaint(image("empty", 0), access).contains("is empty"));
        assertTrue(complaint(image("odd", 513), access).contains("513 bytes, no multiple of 512"));
    }

    @Test
    void oneFileBehindTwoDisksIsFineWhenBothOnlyRead() throws IOException {
        Path file = image("both", 1024);
        Path alias = Files.createSymbolicLink(folder.resolve("alias"), file);
        String reads = "blk,file=%s,ro=on".formatted(file);
        assertEquals(
                2,
                DeviceParser.parse(List.of(reads, "blk,file=%s,ro=on".formatted(alias)))
                        .size());
        WrongCallException wrong =
                assertThrows(WrongCallException.class, () -> DeviceParser.parse(List.of(reads, "blk,file=" + alias)));
        assertTrue(wrong.getMessage().contains("behind both 'blk0' and 'blk1'"), wrong.getMessage());
    }

    private String complaint(Path file, String access) {
        String spec = "blk,file=%s,%s".formatted(file, access);
        return assertThrows(WrongCallException.class, () -> DeviceParser.parse(List.of(spec)))
                .getMessage();
    }

    private Path image(String name, int bytes) throws IOException {
        return Files.write(folder.resolve(name), new byte[bytes]);
    }

    private static LabDevice only(String spec) {
        return DeviceParser.parse(List.of(spec)).getFirst();
    }
}
