package dev.postern.lab.backend;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.lab.MachineKind;
import dev.postern.lab.Peers;
import dev.postern.lab.Seed;
import dev.postern.os.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A front-end and a driver that nobody here wrote are served without complaint: QEMU's, and that of its firmware. A judge that finds fault
 * with them would be wrong about ours too.
 */
@Timeout(120)
class RealFrontEndTest {

    private static final int SECTORS = 4096;

    /** A boot sector that reads the second sector of its disk, writes the third with it, and halts. */
    private static final byte[] COPIER =
            HexFormat.of().parseHex("31c08ec0bb0080b80102b90200ba8000cd13bb0080b80103b90300ba8000cd13f4ebfd");

    @TempDir
    Path folder;

    @BeforeEach
    void needsQemu() {
        Peers.require(MachineKind.QEMU_Q35);
    }

    @Test
    void qemuAndItsFirmwareReadAndWriteWithoutAComplaint() throws Exception {
        byte[] content = new byte[SECTORS * DiskMemory.SECTOR];
        new Random(Seed.value()).nextBytes(content);
        System.arraycopy(COPIER, 0, content, 0, COPIER.length);
        content[510] = 0x55;
        content[511] = (byte) 0xaa;
        DiskMemory disk = new DiskMemory(content);
        Path socket = folder.resolve("socket");
        try (ScriptedBackend backend =
                        ScriptedBackend.listen(socket, disk, Offer.of(SECTORS, 1), Script.honest(), Seed.value());
                ChildProcess qemu = ChildProcess.start(List.of(
                        "qemu-system-x86_64",
                        "-nodefaults",
                        "-display",
                        "none",
                        "-m",
                        "64",
                        "-object",
                        "memory-backend-memfd,id=ram,size=64M,share=on",
                        "-machine",
                        "q35,memory-backend=ram",
                        "-chardev",
                        "socket,id=c0,path=" + socket,
                        "-device",
                        "vhost-user-blk-pci,chardev=c0,num-queues=1"))) {
            assertTrue(disk.awaitEvents(Duration.ofSeconds(60)), () -> qemu.describe() + backend.panics());
            assertArrayEquals(Arrays.copyOfRange(content, 512, 1024), Arrays.copyOfRange(disk.content(), 1024, 1536));
            assertTrue(disk.reads() >= 2);
            assertEquals(
                    List.of(), backend.violations(), () -> backend.messages(0).toString());
        }
    }
}
