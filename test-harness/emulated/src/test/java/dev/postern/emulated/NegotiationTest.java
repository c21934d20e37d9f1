package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.postern.machine.RegisterSpace;
import java.util.List;
import org.junit.jupiter.api.Test;

class NegotiationTest {

    @Test
    void aDiskOffersWhatItServes() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(
                    1L << 2
                            | 1L << 6
                            | PokedDevice.FLUSH
                            | PokedDevice.INDIRECT
                            | PokedDevice.EVENT_IDX
                            | PokedDevice.VERSION_1,
                    disk.offered());
            for (int page = 2; page < 6; page++) {
                machine.registers().write32(disk.common, page);
                assertEquals(0, machine.registers().read32(disk.common + 4), "page " + page);
            }
        }
    }

    @Test
    void adjustmentsWithholdAndOffer() {
        try (EmulatedMachine machine =
                Guests.withDisk(VirtioOptions.DEFAULTS.withhold(28, 9).offer(33, 40))) {
            long offered = PokedDevice.first(machine, 2).offered();
            assertEquals(0, offered & (PokedDevice.INDIRECT | PokedDevice.FLUSH));
            assertEquals(PokedDevice.ACCESS_PLATFORM, offered & PokedDevice.ACCESS_PLATFORM);
            assertEquals(1L << 40, offered & 1L << 40);
        }
    }

    @Test
    void featuresOkStaysForAValidSubset() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            assertEquals(11, PokedDevice.first(machine, 2).negotiate(PokedDevice.VERSION_1));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void featuresOkIsRefusedForWhatWasNotOffered() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            assertEquals(3, PokedDevice.first(machine, 2).negotiate(PokedDevice.VERSION_1 | 1L << 34));
            assertEquals(List.of("content:142"), Guests.clauses(machine));
        }
    }

    @Test
    void featuresOkIsRefusedWithoutVersion1() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            assertEquals(3, PokedDevice.first(machine, 2).negotiate(0));
            assertEquals(List.of("content:951"), Guests.clauses(machine));
        }
    }

    @Test
    void featuresOkIsRefusedWhenAccessPlatformIsNotTaken() {
        try (EmulatedMachine machine = Guests.withDisk(VirtioOptions.DEFAULTS.offer(33))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(3, disk.negotiate(PokedDevice.VERSION_1));
            assertEquals(11, disk.negotiate(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM));
        }
    }

    @Test
    void featuresCannotChangeAfterFeaturesOk() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1);
            machine.registers().write32(disk.common + 8, 0);
            machine.registers().write32(disk.common + 12, 1 << 9);
            assertEquals(0, machine.registers().read32(disk.common + 12));
            assertEquals(List.of("content:535"), Guests.clauses(machine));
        }
    }

    @Test
    void aRemovedStatusBitIsNoted() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1);
            disk.status(3);
            assertEquals(List.of("content:66"), Guests.clauses(machine));
        }
    }

    @Test
    void aSkippedStepIsNoted() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.reset();
            disk.status(2);
            assertEquals(List.of("content:521"), Guests.clauses(machine));
        }
    }

    @Test
    void aNotificationBeforeDriverOkIsNotServed() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1);
            disk.enableQueue(0, PokedDevice.NO_VECTOR);
            disk.header(0, 0);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, disk.statusByte(), 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            disk.settle();
            assertEquals(0, disk.usedIndex());
            assertEquals(List.of("content:555"), Guests.clauses(machine));
        }
    }

    @Test
    void aSlowResetShowsTheOldStatusForSoManyReads() {
        try (EmulatedMachine machine = Guests.withDisk(VirtioOptions.DEFAULTS.resetReads(3))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.status(0);
            assertEquals(0, disk.status(), "there was nothing to reset");
            disk.status(1);
            disk.status(0);
            assertEquals(1, disk.status());
            assertEquals(1, disk.status());
            assertEquals(1, disk.status());
            assertEquals(0, disk.status());
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void goingOnBeforeTheResetIsDoneIsNoted() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.status(0);
            disk.status(1);
            assertEquals(List.of("transport-pci:512"), Guests.clauses(machine));
        }
    }

    @Test
    void wrongWidthsAreNotedAndReadAsOnes() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(-1, machine.registers().read32(disk.common + 16));
            assertEquals(0xff, machine.registers().read8(disk.common + 24));
            machine.registers().write64(disk.common + 32, 0x1000);
            assertEquals(
                    List.of("transport-pci:111", "transport-pci:111", "transport-pci:111"), Guests.clauses(machine));
        }
    }

    @Test
    void readOnlyFieldsIgnoreWrites() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            machine.registers().write16(disk.common + 18, 9);
            assertEquals(1, machine.registers().read16(disk.common + 18));
            assertEquals(List.of("transport-pci:500"), Guests.clauses(machine));
        }
    }

    @Test
    void queueFieldsReadBackAndFreezeOnEnabling() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            RegisterSpace registers = machine.registers();
            disk.negotiate(PokedDevice.VERSION_1);
            assertEquals(256, registers.read16(disk.common + 24));
            registers.write16(disk.common + 24, 7);
            assertEquals(256, registers.read16(disk.common + 24));
            assertEquals(List.of("transport-pci:507"), Guests.clauses(machine));
            disk.enableQueue(0, PokedDevice.NO_VECTOR);
            assertEquals(1, registers.read16(disk.common + 28));
            assertEquals((int) disk.used(0), registers.read32(disk.common + 48));
            disk.area(32, 0x5000);
            assertEquals((int) disk.descriptors(0), registers.read32(disk.common + 32));
            Guests.assertClause(machine, "transport-pci:509");
            registers.write16(disk.common + 28, 0);
            assertEquals(1, registers.read16(disk.common + 28));
            Guests.assertClause(machine, "transport-pci:515");
            registers.write16(disk.common + 22, 1);
            assertEquals(0, registers.read16(disk.common + 24), "no queue 1");
        }
    }

    @Test
    void unalignedAreasAreNoted() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1);
            disk.area(32, 0x5008);
            machine.registers().write16(disk.common + 28, 1);
            assertEquals(List.of("split-ring:61"), Guests.clauses(machine));
        }
    }

    @Test
    void aResetForgetsQueuesFeaturesAndVectors() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.queueSize = 8;
            disk.start(PokedDevice.VERSION_1);
            disk.reset();
            RegisterSpace registers = machine.registers();
            assertEquals(0, registers.read16(disk.common + 28));
            assertEquals(256, registers.read16(disk.common + 24));
            assertEquals(0, registers.read32(disk.common + 48));
            registers.write32(disk.common + 8, 1);
            assertEquals(0, registers.read32(disk.common + 12));
        }
    }

    @Test
    void theGenerationChangesWithTheConfiguration() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            RegisterSpace registers = machine.registers();
            assertEquals(2048, registers.read32(disk.config));
            int before = registers.read8(disk.common + 21);
            for (int i = 0; i < 256; i++) {
                machine.disk("d0").changeCapacity(512L * (i + 1));
            }
            assertEquals(256, registers.read32(disk.config));
            assertNotEquals(before, registers.read8(disk.common + 21), "256 changes must not look like none");
        }
    }

    @Test
    void aQueueCanBeResetOnItsOwnWhereOffered() {
        try (EmulatedMachine machine = Guests.withDisk(VirtioOptions.DEFAULTS.offer(40))) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | 1L << 40);
            assertEquals(0, disk.request(0, 0, 512));
            machine.registers().write16(disk.common + 58, 1);
            assertEquals(0, machine.registers().read16(disk.common + 58));
            assertEquals(0, machine.registers().read16(disk.common + 28));
            disk.enableQueue(0, PokedDevice.NO_VECTOR);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void aNotificationOfAnotherWidthOrQueueIsNoted() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            machine.registers().write32(disk.notify, 0);
            machine.registers().write16(disk.notify, 1);
            assertEquals(List.of("transport-pci:1103", "transport-pci:1110"), Guests.clauses(machine));
        }
    }

    @Test
    void aDeviceThatDoesNotOfferVersion1WorksWithoutIt() {
        try (EmulatedMachine machine = Guests.withDisk(VirtioOptions.DEFAULTS.withhold(32))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(0, disk.offered() & PokedDevice.VERSION_1);
            assertEquals(0, disk.start(0).request(0, 0, 512));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void acceptingVersion1ThatWasNotOfferedIsRefused() {
        try (EmulatedMachine machine = Guests.withDisk(VirtioOptions.DEFAULTS.withhold(32))) {
            assertEquals(3, PokedDevice.first(machine, 2).negotiate(PokedDevice.VERSION_1));
            Guests.assertClause(machine, "content:142");
        }
    }
}
