package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.interrupt.LatchVector;
import dev.postern.interrupt.LineVector;
import dev.postern.interrupt.MessageVector;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

@OnEveryMachine
class InterruptTest {

    private static final int SECTORS = 64;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    void interruptsComeWhereTheyWereAskedForAndNowhereElse() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            readAll(trial, image);
            long messages = trial.guest().interrupts().messages().stream()
                    .mapToLong(MessageVector::count)
                    .sum();
            long lines = trial.guest().interrupts().lines().stream()
                    .mapToLong(LineVector::count)
                    .sum();
            long trips = trial.guest().interrupts().latches().stream()
                    .mapToLong(LatchVector::count)
                    .sum();
            boolean byPci = setting.machine().discovery() == MachineKind.Discovery.BY_PCI;
            assertEquals(byPci && setting.interrupts() == InterruptMode.MSIX, messages > 0, messages + " messages");
            assertEquals(!byPci && setting.interrupts() == InterruptMode.MSIX, trips > 0, trips + " trips");
            assertEquals(setting.interrupts() == InterruptMode.INTX, lines > 0, lines + " lines");
        }
    }

    @Test
    @Clause("split-ring:354")
    void aMessageWithoutCauseDoesNoHarm() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        assumeTrue(
                setting.machine().discovery() == MachineKind.Discovery.BY_PCI,
                "vhost-user: a message is the trip of an eventfd, which is no store that a test can make");
        Setting messages = new Setting(setting.machine(), InterruptMode.MSIX, setting.contexts());
        try (Trial trial = Trial.boot(messages, new LabDevice.Disk("d0", image, READ_ONLY))) {
            for (MessageVector vector : trial.guest().interrupts().messages()) {
                // A message is a store to memory: this one no device has made.
                trial.guest()
                        .frames()
                        .memory()
                        .slice(vector.address(), Integer.BYTES)
                        .set(U32, 0, 1);
                long before = vector.count();
                readAll(trial, image);
                assertTrue(vector.count() > before, vector + " was not noticed");
            }
            assertEquals(0, trial.disk(0).recoveries());
        }
    }

    private static void readAll(Trial trial, Path image) throws Exception {
        byte[] content = Files.readAllBytes(image);
        PhysRange buffer = trial.buffer(SECTOR);
        for (int sector = 0; sector < SECTORS; sector++) {
            trial.disk(0).read(sector, buffer.basePa(), SECTOR);
            assertArrayEquals(
                    Arrays.copyOfRange(content, sector * SECTOR, (sector + 1) * SECTOR),
                    trial.bytes(buffer).asSlice(0, SECTOR).toArray(ValueLayout.JAVA_BYTE));
        }
        trial.giveBack(buffer);
    }
}
