package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.ChannelException;
import dev.postern.os.OpenDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before a storage daemon runs, and by one. */
@Timeout(120)
class StorageDaemonTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @BeforeAll
    static void daemon() {
        Peer.requireStorageDaemon();
    }

    private static void assertRefused(String part, String remedy, Executable call) {
        MachineConfigurationException refused = assertThrows(MachineConfigurationException.class, call);
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
        assertTrue(refused.getMessage().contains(remedy), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
    }

    private static Executable building(StorageDisk disk) {
        return () -> VhostUserMachine.builder().disk(disk).build().close();
    }

    private Path image() throws IOException {
        return Files.write(folder.resolve("disk.img"), new byte[1 << 20]);
    }

    @Test
    void theInstalledDaemonIsFound() {
        StorageProbe here = StorageProbe.look().orElseThrow();
        assertTrue(Files.isExecutable(here.program()));
        assertTrue(here.version().matches("\\d+\\.\\d+\\.\\d+"), here.version());
        assertEquals(
                Optional.of("7.2.22"),
                StorageProbe.PROGRAM.parseVersion(
                        List.of("qemu-storage-daemon version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)")));
    }

    @Test
    void aFileThatCannotBeADiskIsRefused() throws IOException {
        assertRefused("no such file", "truncate", building(StorageDisk.image(folder.resolve("missing.img"))));
        assertRefused("not a regular file", "image", building(StorageDisk.image(folder)));
        assertRefused(
                "0 bytes", "multiple of 512", building(StorageDisk.image(Files.createFile(folder.resolve("e.img")))));
    }

    @Test
    void aNumberThatCannotBeIsRefused() {
        assertRefused("0 queues", "1 to 128", () -> StorageDisk.nothing(512).withQueues(0));
        assertRefused("129 queues", "1 to 128", () -> StorageDisk.nothing(512).withQueues(129));
        assertRefused(
                "blocks of 1000", "power of two", () -> StorageDisk.nothing(512).withBlockBytes(1000));
        assertRefused("disk of 513 bytes", "multiple of 512", () -> StorageDisk.nothing(513));
    }

    @Test
    void theMostQueuesAreServed() throws IOException {
        try (VhostUserMachine machine = VhostUserMachine.builder()
                        .disk(StorageDisk.nothing(1 << 20).withQueues(128).withBlockBytes(4096))
                        .build();
                FrontEnd frontEnd = new FrontEnd(machine, machine.channels().getFirst())) {
            frontEnd.read(8);
        }
    }

    @Test
    void anImageThatAnotherHoldsIsRefusedInOneLineAndNothingIsLeft() throws IOException {
        StorageDisk disk = StorageDisk.image(image());
        try (VhostUserMachine _ = VhostUserMachine.builder().disk(disk).build()) {
            int before = OpenDescriptors.count();
            assertRefused("another storage daemon has the image", "read-only in both", building(disk));
            assertRefused(
                    "another storage daemon has the image",
                    "read-only in both",
                    building(disk.withAccess(DiskAccess.READ_ONLY)));
            Peer.awaitDescriptors(before);
        }
        try (VhostUserMachine _ = VhostUserMachine.builder()
                        .disk(disk.withAccess(DiskAccess.READ_ONLY))
                        .build();
                VhostUserMachine two = VhostUserMachine.builder()
                        .disk(disk.withAccess(DiskAccess.READ_ONLY))
                        .build()) {
            assertTrue(two.daemons().getFirst().isAlive());
        }
    }

    /** A virtual machine's lock is QEMU's own. */
    @Test
    void anImageThatAVirtualMachineHoldsIsRefused() throws IOException {
        Peer.requireQemu();
        Path image = image();
        try (QemuQ35 _ = QemuQ35.builder()
                .device(new QemuDevice.Disk(image, DiskAccess.READ_WRITE, "d0"))
                .build()) {
            assertRefused("Failed to get", "read-only in both", building(StorageDisk.image(image)));
        }
    }

    @Test
    void anImageOfAnotherFormatIsRefused() throws IOException {
        Path image = image();
        assertRefused(
                "not in qcow2 format",
                "change what it names",
                building(StorageDisk.image(image).withContent(new StorageDisk.Image(image, ImageFormat.QCOW2))));
    }

    @Test
    void aNameWithCommasAndQuotesIsAFileLikeAnyOther() throws IOException {
        Path odd = Files.write(folder.resolve("a,b \"c\" =\\é.img"), new byte[1 << 20]);
        try (VhostUserMachine machine =
                        VhostUserMachine.builder().disk(StorageDisk.image(odd)).build();
                FrontEnd frontEnd = new FrontEnd(machine, machine.channels().getFirst())) {
            frontEnd.read(0);
        }
    }

    @Test
    void oneThatRefusesWhenItIsStartedAgainSaysWhy() throws IOException {
        Path image = image();
        try (VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.image(image)).build()) {
            machine.daemons().getFirst().kill();
            Files.delete(image);
            ChannelException told = assertThrows(
                    ChannelException.class, () -> machine.channels().getFirst().connect(LONG));
            assertTrue(told.getMessage().contains("No such file"), told.getMessage());
            assertEquals(ChannelException.Reason.REFUSED, told.reason());
            image();
            machine.channels().getFirst().connect(LONG).close();
        }
    }

    @Test
    void oneThatIsKilledAgainAndAgainComesBack() throws Exception {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.image(image())).build()) {
            StorageDaemon daemon = machine.daemons().getFirst();
            Thread killer = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 20; i++) {
                    int starts = daemon.starts();
                    daemon.kill();
                    Peer.await(() -> daemon.starts() > starts);
                }
            });
            while (killer.isAlive()) {
                machine.channels().getFirst().connect(LONG).close();
            }
            killer.join();
            assertTrue(daemon.starts() > 20, "" + daemon.starts());
            try (FrontEnd frontEnd = new FrontEnd(machine, machine.channels().getFirst())) {
                frontEnd.read(1);
            }
        }
    }
}
