package dev.postern.lab.spec;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.lab.AdjustableFeature;
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
                "blk,size=4M, | '' is no option",
                "blk,size=four | 'four' is not a size",
                "blk,size=0 | nothing or beyond 63 bits",
                "blk,size=9000000T | nothing or beyond 63 bits",
                "blk,size=8388608T | nothing or beyond 63 bits",
                "blk,size=16777217T | nothing or beyond 63 bits",
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
                "bridge,id=b,bus=c | no option of bridge 'bus'",
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
