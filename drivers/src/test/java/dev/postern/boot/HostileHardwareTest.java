package dev.postern.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.app.Digest;
import dev.postern.app.Entropy;
import dev.postern.app.Progress;
import dev.postern.dma.DmaContexts;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.Rng;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.CapabilityOutsideBar;
import dev.postern.emulated.mischief.ChangeCapacityAt;
import dev.postern.emulated.mischief.CyclicCapabilities;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.FailSectors;
import dev.postern.emulated.mischief.HugeBar;
import dev.postern.emulated.mischief.NeedsResetAt;
import dev.postern.emulated.mischief.NeverFinishReset;
import dev.postern.emulated.mischief.RefuseFeaturesOk;
import dev.postern.emulated.mischief.StallAfter;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.emulated.mischief.TamperUsedLength;
import dev.postern.emulated.mischief.WrongStatus;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkIoErrorException;
import dev.postern.virtio.blk.BlkRangeException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hardware that misbehaves, from the bus up, on a hostile DMA context each. {@code blk0} does the mischief; {@code blk1} has
 * the same content and is honest, and neither it nor the entropy source may suffer.
 */
class HostileHardwareTest {

    private static final long BYTES = 5 << 20;

    static Stream<Arguments> survivable() {
        return Stream.of(
                        new CyclicCapabilities(),
                        new NeedsResetAt(1),
                        new NeedsResetAt(9),
                        new TamperUsedId(1, 0x10001),
                        new TamperUsedId(7, 65535),
                        new TamperUsedId(8, -1),
                        new TamperUsedLength(2, -1),
                        new TamperUsedLength(5, 1 << 31))
                .flatMap(m -> Stream.of(InterruptMode.values()).map(mode -> Arguments.of(m, mode)));
    }

    @ParameterizedTest
    @MethodSource("survivable")
    void everyByteIsReadRightInSpiteOf(DeviceMischief mischief, InterruptMode mode) throws Exception {
        try (EmulatedMachine machine = machine(mischief)) {
            try (BootedGuest guest = boot(machine, mode)) {
                Map<String, String> digests =
                        new Digest().run(guest.guest(Progress.NONE)).byDevice();
                assertEquals(digests.get("blk1"), digests.get("blk0"));
                assertEquals(
                        mischief instanceof CyclicCapabilities ? 0 : 1,
                        guest.disks().getFirst().recoveries(),
                        "the mischief was done, and once");
                assertEquals(0, guest.disks().get(1).recoveries());
                assertEquals(
                        mischief instanceof TamperUsedId || mischief instanceof TamperUsedLength ? 1 : 0,
                        guest.brokenRings().size(),
                        "a ring that broke can be looked at after the recovery");
                assertEquals(3, guest.rings().size());
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(new CapabilityOutsideBar(), DeviceReport.Result.REFUSED),
                Arguments.of(new RefuseFeaturesOk(), DeviceReport.Result.REFUSED),
                Arguments.of(new HugeBar(1L << 62), DeviceReport.Result.FAILED));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aDeviceThatCannotBeUsedIsReportedAndTheOthersComeUp(DeviceMischief mischief, DeviceReport.Result outcome)
            throws Exception {
        try (EmulatedMachine machine = machine(mischief);
                BootedGuest guest = boot(machine, InterruptMode.MSIX)) {
            assertEquals(outcome, guest.devices().getFirst().outcome());
            assertFalse(guest.devices().getFirst().why().contains("\n"));
            assertEquals(1, guest.disks().size());
            new Digest().run(guest.guest(Progress.NONE));
            new Entropy().run(guest.guest(Progress.NONE));
        }
    }

    static Stream<Arguments> failing() {
        return Stream.of(
                Arguments.of(new StallAfter(3), RequestTimeoutException.class),
                Arguments.of(new WrongStatus(2, 9), DeviceBrokenException.class),
                Arguments.of(new WrongStatus(2, 255), DeviceBrokenException.class),
                Arguments.of(new FailSectors(5000, 1), BlkIoErrorException.class));
    }

    @ParameterizedTest
    @MethodSource("failing")
    void aRunThatFailsEndsInOneErrorAndGivesEverythingBack(
            DeviceMischief mischief, Class<? extends IOException> expected) throws Exception {
        for (InterruptMode mode : InterruptMode.values()) {
            try (EmulatedMachine machine = machine(mischief);
                    BootedGuest guest = boot(machine, mode)) {
                IOException failure =
                        assertThrows(IOException.class, () -> new Digest().run(guest.guest(Progress.NONE)));
                assertEquals(expected, failure.getClass(), failure.getMessage());
                assertTrue(failure.getMessage().startsWith("blk0: "), failure.getMessage());
            }
        }
    }

    @Test
    void aDiskThatShrinksWhileItIsReadEndsTheRunAndLeaksNothing() throws Exception {
        for (InterruptMode mode : InterruptMode.values()) {
            try (EmulatedMachine machine = machine(new ChangeCapacityAt(3, 1 << 20));
                    BootedGuest guest = boot(machine, mode)) {
                IOException failure =
                        assertThrows(IOException.class, () -> new Digest().run(guest.guest(Progress.NONE)));
                assertTrue(
                        failure instanceof BlkRangeException || failure instanceof BlkIoErrorException,
                        failure::toString);
            }
        }
    }

    @Test
    void aDeviceThatNeverFinishesItsResetDoesNotKeepTheOthersFromTheirs() throws Exception {
        try (EmulatedMachine machine = machine(new NeverFinishReset())) {
            BootedGuest guest = boot(machine, InterruptMode.MSIX);
            BlkDevice honest = guest.disks().get(1);
            new Digest().run(guest.guest(Progress.NONE));
            DeviceDeadException dead = assertThrows(DeviceDeadException.class, guest::close);
            assertTrue(dead.getMessage().startsWith("blk0: "), dead.getMessage());
            assertEquals(0, honest.quarantinedMappings());
            guest.close();
        }
    }

    private static EmulatedMachine machine(DeviceMischief mischief) {
        return EmulatedMachine.builder()
                .device(SeededDisk.of(BYTES, 5).virtio(VirtioOptions.DEFAULTS.mischief(mischief)))
                .device(SeededDisk.of(BYTES, 5))
                .device(Rng.of())
                .build();
    }

    private static BootedGuest boot(EmulatedMachine machine, InterruptMode mode) throws BootException {
        return Boot.start(
                machine,
                BootOptions.defaults()
                        .withInterrupts(mode)
                        .withContexts((plan, memory, limits, _, name) ->
                                DmaContexts.hostile(name.hashCode(), memory.frames(), limits, name)),
                event -> {});
    }
}
