package dev.postern.lab.spec;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.lab.AdjustableFeature;
import dev.postern.lab.DiskChoice;
import dev.postern.lab.DiskFeature;
import dev.postern.lab.DiskNumber;
import dev.postern.lab.DiskOperation;
import dev.postern.lab.DiskSettings;
import dev.postern.lab.LabDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceSpecsTest {

    @Test
    void devicesAreReadInTheirOrderAndNamedAsTheGuestNamesThem() {
        assertEquals(
                List.of(
                        new LabDevice.RootPort("port0"),
                        new LabDevice.MemoryDisk("blk0", 4 << 20, 7, READ_WRITE, "port0", Map.of()),
                        new LabDevice.Disk(
                                "data",
                                Path.of("a,b.img"),
                                READ_ONLY,
                                LabDevice.ROOT_BUS,
                                Map.of(AdjustableFeature.ACCESS_PLATFORM, true, AdjustableFeature.EVENT_IDX, false)),
                        new LabDevice.Bridge("br0"),
                        new LabDevice.Rng("rng0", "br0"),
                        new LabDevice.MemoryDisk("blk2", 512, 1, READ_WRITE, LabDevice.ROOT_BUS, Map.of())),
                DeviceSpecs.parse(List.of(
                        "root-port,id=port0",
                        "blk,size=4M,seed=7,bus=port0",
                        "blk,id=data,file=a,,b.img,ro=on,features=+access_platform-event_idx",
                        "bridge,id=br0",
                        "rng,bus=br0",
                        "blk,size=512,ro=off")));
    }

    @Test
    void aDiskIsToldWhatItsWordsSay() {
        LabDevice.MemoryDisk disk = (LabDevice.MemoryDisk) DeviceSpecs.parse(
                        List.of("blk,size=4M,queues=4,queue-size=16,block-size=4K,discard=on,write-zeroes=off,"
                                + "serial=A,,B,cache=volatile,write-cache=off,fail-read=7,fail-flush=on,fail-write=0,"
                                + "features=+packed+in_order+size_max-flush"))
                .getFirst();
        assertEquals(Map.of(AdjustableFeature.RING_PACKED, true, AdjustableFeature.IN_ORDER, true), disk.features());
        assertEquals(
                DiskSettings.NONE
                        .offering(DiskFeature.SIZE_MAX)
                        .withholding(DiskFeature.FLUSH)
                        .offering(DiskFeature.DISCARD)
                        .withholding(DiskFeature.WRITE_ZEROES)
                        .with(DiskNumber.QUEUES, 4)
                        .with(DiskNumber.QUEUE_SIZE, 16)
                        .with(DiskNumber.BLOCK_SIZE, 4096)
                        .with(DiskChoice.CACHE, "volatile")
                        .with(DiskChoice.WRITE_CACHE, "off")
                        .serial("A,B")
                        .failing(DiskOperation.READ, 7)
                        .failing(DiskOperation.WRITE, 0)
                        .failing(DiskOperation.FLUSH, 0),
                disk.settings());
    }

    @Test
    void everyFeatureAndNumberHasAWordThatIsTaken() {
        for (AdjustableFeature feature : AdjustableFeature.values()) {
            LabDevice.Rng rng =
                    (LabDevice.Rng) DeviceSpecs.parse(List.of("rng,queue-size=8,features=+" + feature.label()))
                            .getFirst();
            assertEquals(Map.of(feature, true), rng.features());
            assertEquals(8, rng.queueSize().getAsInt());
        }
        for (DiskNumber number : DiskNumber.values()) {
            LabDevice.Block disk = (LabDevice.Block)
                    DeviceSpecs.parse(List.of("blk,size=4M,%s=%d".formatted(number.label(), number.most())))
                            .getFirst();
            assertEquals(Map.of(number, number.most()), disk.settings().numbers());
        }
    }

    @Test
    void aMadeUpNameMakesWayForAGivenOne() {
        assertEquals(
                List.of("blk0-", "blk0"),
                DeviceSpecs.parse(List.of("blk,size=1M", "blk,size=1M,id=blk0")).stream()
                        .map(LabDevice::id)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bkl,size=4M | did you mean 'blk'",
                "net | choose from blk, rng, root-port, bridge",
                "blk | one of file=FILE",
                "blk,size=4M,file=x | one of file=FILE",
                "blk,sise=4M | did you mean 'size'",
                "blk,size=4M,size=4M | 'size' is given twice",
                "blk,size | 'size' is no option",
                "blk,size=4M, | an option is empty",
                "blk,size=four | 'four' is not a size",
                "blk,size=0 | above zero",
                "blk,size=9000000T | not a size below 2^63",
                "blk,size=8388608T | not a size below 2^63",
                "blk,size=16777217T | not a size below 2^63",
                "blk,size=1000 | no multiple of 512",
                "blk,size=4M,seed=x | seed 'x'",
                "blk,file=x,seed=1 | seed= makes the content",
                "blk,file= | file= is empty",
                "blk,size=4M,ro=yes | choose from on, off",
                "blk,size=4M,id=0 | id '0'",
                "blk,size=4M,features=access_platform | write + or - before each name",
                "blk,size=4M,features=+acces_platform | did you mean 'access_platform'",
                "blk,size=4M,features=+event_idx-event_idx | 'event_idx' is given twice",
                "rng,size=4M | no option of rng 'size'",
                "root-port | needs an id=",
                "bridge,id=pcie.0 | and not pcie.0",
                "blk,size=4M,queues=0 | queues '0': give a whole number from 1 to 16",
                "blk,size=4M,queues=17 | from 1 to 16",
                "blk,size=4M,block-size=256 | from 512 to 2097152",
                "blk,size=4M,discard=yes | no setting of discard= 'yes': choose from on, off",
                "blk,size=4M,write-zeros=on | did you mean 'write-zeroes'",
                "blk,size=4M,discard=on,features=-discard | both speak of one feature",
                "blk,size=4M,zones=hm | choose from none, host-managed, host-aware",
                "blk,size=4M,serial= | 1 to 20 printable ASCII characters",
                "blk,size=4M,serial=123456789012345678901 | 1 to 20 printable ASCII characters",
                "blk,size=4M,fail-read=-1 | give a whole number from 0",
                "blk,size=4M,fail-flush=7 | choose from on, off",
                "rng,features=+flush | no feature of rng 'flush'",
                "rng,queue-size=0 | queue-size '0': give a whole number from 1",
            })
    void aWrongWordIsAnsweredWithOneLineThatSaysWhatToWrite(String spec, String remedy) {
        WrongWordException wrong = assertThrows(WrongWordException.class, () -> DeviceSpecs.parse(List.of(spec)));
        assertTrue(wrong.getMessage().contains(remedy), wrong.getMessage());
        assertTrue(wrong.getMessage().contains("\"" + spec + "\""), wrong.getMessage());
        assertFalse(wrong.getMessage().contains("\n"), wrong.getMessage());
    }

    @Test
    void aNameThatIsNothingLikeAnyIsNotGuessed() {
        Choice<String> platforms = Choice.of("platform", List.of("plain", "sev-snp", "tdx"));
        assertEquals("tdx", platforms.named("tdx"));
        assertEquals(
                "no platform 'sev': did you mean 'sev-snp'? choose from plain, sev-snp, tdx",
                assertThrows(WrongWordException.class, () -> platforms.named("sev"))
                        .getMessage());
        assertEquals(
                "no platform 'xen': choose from plain, sev-snp, tdx",
                assertThrows(WrongWordException.class, () -> platforms.named("xen"))
                        .getMessage());
        assertEquals(
                "no bus 'a': there are none here",
                assertThrows(
                                WrongWordException.class,
                                () -> Choice.of("bus", List.of()).named("a"))
                        .getMessage());
    }
}
