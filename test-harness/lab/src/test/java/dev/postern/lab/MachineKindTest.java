package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.lab.spec.DeviceSpecs;
import dev.postern.virtio.InterruptMode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.TestAbortedException;

/** What machines have and have not, so that a test that cannot be run on one says so. */
class MachineKindTest {

    private static final Setting DAEMON =
            new Setting(MachineKind.VHOST_USER, InterruptMode.POLLED, ContextKind.AUDITED);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rng|no entropy device",
                "bridge,id=b0|no bus",
                "blk,size=1M|no disks in memory",
                "blk,file=x.img,queue-size=8|queue-size=: qemu-storage-daemon knows file=, ro=, queues=, block-size=",
                "blk,file=x.img,serial=abc|serial=: qemu-storage-daemon knows",
                "blk,file=x.img,fail-write=3|fail-write=: qemu-storage-daemon knows",
                "blk,file=x.img,cache=volatile|cache=volatile: qemu-storage-daemon knows",
                "blk,file=x.img,physical-block-size=4096|physical-block-size=4096: qemu-storage-daemon knows",
                "blk,file=x.img,features=+in_order|never offers in_order",
                "blk,file=x.img,features=-indirect_desc|--withhold indirect_desc",
                "blk,file=x.img,write-zeroes=off|--withhold write_zeroes"
            })
    void whatAStorageDaemonHasNothingLikeIsSaidInOneLineWithTheRemedy(String device, String part) {
        String lacking = MachineKind.VHOST_USER
                .lacking(DeviceSpecs.parse(List.of(device)).getFirst())
                .orElseThrow();
        assertTrue(lacking.contains(part), lacking);
        assertFalse(lacking.contains("\n"), lacking);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "blk,file=x.img,ro=on,queues=16,id=d0",
                "blk,file=x.img,block-size=4096,physical-block-size=4096",
                "blk,file=x.img,discard=on,write-zeroes=on,config-wce=on,may-unmap=on,cache=host,zones=none",
                "blk,file=x.img,features=+event_idx+indirect_desc-packed-in_order"
            })
    void whatAStorageDaemonDoesAnywayNeedsNoTelling(String device) {
        assertEquals(
                Optional.empty(),
                MachineKind.VHOST_USER.lacking(DeviceSpecs.parse(List.of(device)).getFirst()));
    }

    @Test
    void aTestOfADeviceThatTheMachineHasNothingLikeIsSkippedWithTheReason() {
        Peers.require(MachineKind.VHOST_USER);
        TestAbortedException skipped =
                assertThrows(TestAbortedException.class, () -> Trial.boot(DAEMON, new LabDevice.Rng("r0")));
        assertTrue(skipped.getMessage().contains("no entropy device"), skipped.getMessage());
    }

    @Test
    void withoutABusThereAreNoLines() {
        assertEquals(Set.of(InterruptMode.POLLED, InterruptMode.MSIX), MachineKind.VHOST_USER.interrupts());
        assertTrue(Setting.all().anyMatch(setting -> setting.machine() == MachineKind.VHOST_USER));
        assertTrue(Setting.all()
                .filter(setting -> setting.machine() == MachineKind.VHOST_USER)
                .noneMatch(setting -> setting.interrupts() == InterruptMode.INTX));
        assertTrue(Setting.withPci().noneMatch(setting -> setting.machine() == MachineKind.VHOST_USER));
    }
}
