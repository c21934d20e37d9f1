package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.InterruptLines;
import dev.postern.machine.PortSpace;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class QemuQ35Test {

    private static final long MIB = 1 << 20;
    private static final long FOUR_GIB = 1L << 32;
    private static final ValueLayout.OfInt BIG_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG_LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LITTLE_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @BeforeAll
    static void qemu() {
        Peer.requireQemu();
    }

    @Test
    void theHostBridgeIsThatOfAQ35() {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            ConfigPorts config = new ConfigPorts(machine);
            assertEquals(0x29c08086, config.read32(0, 0, 0));
            assertEquals(0xffffffff, config.read32(0, 5, 0), "an absent device reads as all ones");
            PortSpace ports = machine.ports().orElseThrow();
            ports.out32(0xcf8, 1 << 31);
            assertEquals(0x8086, ports.in16(0xcfc));
            assertEquals(0x86, ports.in8(0xcfc));
            assertEquals("qemu-q35", machine.name());
            assertTrue(machine.acpiRootPa().isEmpty());
        }
    }

    @Test
    void ramIsSplitInHalvesAroundTheHoleAndLeavesOutRom() {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            List<RamRegion> ram = machine.ram();
            assertEquals(
                    List.of(0L, MIB, FOUR_GIB),
                    ram.stream().map(RamRegion::basePa).toList());
            assertEquals(
                    List.of(0xa0000L, 63 * MIB, 64 * MIB),
                    ram.stream().map(RamRegion::size).toList());
        }
    }

    @Test
    void qemuReadsWhatWasStoredAtTheFirstAndLastBytesOfEveryRegion() {
        try (QemuQ35 machine =
                QemuQ35.builder().ramBytes(24 * MIB).lowRamBytes(6 * MIB).build()) {
            long value = 0x1122334455667788L;
            for (RamRegion region : machine.ram()) {
                for (long offset : new long[] {0, region.size() - 8}) {
                    region.segment().set(LITTLE_LONG, offset, ++value);
                    assertEquals(value, machine.readAsQemu(region.basePa() + offset));
                }
            }
            assertEquals(18 * MIB, machine.ram().getLast().size());
        }
    }

    @Test
    void thePartBelowFourGibMayBeAllOfIt() {
        try (QemuQ35 machine =
                QemuQ35.builder().ramBytes(16 * MIB).lowRamBytes(16 * MIB).build()) {
            RamRegion last = machine.ram().getLast();
            assertEquals(16 * MIB, last.endPa());
            last.segment().set(LITTLE_LONG, last.size() - 8, 7);
            assertEquals(7, machine.readAsQemu(last.endPa() - 8));
        }
    }

    @Test
    void aLargeMachineSplitsAtTwoGib() {
        // Pages are taken when touched, so this costs no memory to speak of.
        try (QemuQ35 machine = QemuQ35.builder().ramBytes(5120 * MIB).build()) {
            RamRegion low = machine.ram().get(1);
            RamRegion high = machine.ram().get(2);
            assertEquals(0x80000000L, low.endPa());
            assertEquals(3072 * MIB, high.size());
            low.segment().set(LITTLE_LONG, low.size() - 8, 1);
            high.segment().set(LITTLE_LONG, 0, 2);
            high.segment().set(LITTLE_LONG, high.size() - 8, 3);
            assertEquals(1, machine.readAsQemu(low.endPa() - 8));
            assertEquals(2, machine.readAsQemu(FOUR_GIB));
            assertEquals(3, machine.readAsQemu(high.endPa() - 8));
        }
    }

    /** The device that hands over QEMU's tables reads its command from RAM and writes to RAM, by DMA. */
    @Test
    void aDeviceReadsAndWritesRamAboveFourGib() {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            MemorySegment high = machine.ram().getLast().segment();
            int selectAndRead = 8 | 2;
            high.set(BIG_INT, 0, selectAndRead);
            high.set(BIG_INT, 4, 4);
            high.set(BIG_LONG, 8, FOUR_GIB + 64);
            PortSpace ports = machine.ports().orElseThrow();
            ports.out32(0x514, Integer.reverseBytes((int) (FOUR_GIB >>> 32)));
            ports.out32(0x518, Integer.reverseBytes((int) FOUR_GIB));
            // Any read waits for the writes before it.
            ports.in8(0x510);
            assertEquals(0, high.get(BIG_INT, 0), "the command is done and has not failed");
            assertEquals(0x51454d55, high.get(BIG_INT, 64), "the signature QEMU");
        }
    }

    @Test
    void registersOfEveryWidthAreReadAndWritten() {
        try (QemuQ35 machine = EduDevice.machine()) {
            EduDevice edu = EduDevice.enable(machine);
            assertEquals(0x010000ed, edu.identification());
            for (int value : new int[] {0, 1, 0x7fffffff, 0x80000000, -1, 0x0f00000f}) {
                assertEquals(~value, edu.complement(value));
            }
            // The device answers to eight bytes from offset 0x80 on: its DMA source address.
            machine.registers().write64(EduDevice.address() + 0x80, 0xfedcba9876543210L);
            assertEquals(0xfedcba9876543210L, machine.registers().read64(EduDevice.address() + 0x80));
            // The interrupt controller's index register is a byte that any width reads.
            machine.registers().write8(0xfec00000L, 0x101);
            assertEquals(1, machine.registers().read8(0xfec00000L));
            assertEquals(1, machine.registers().read16(0xfec00000L));
        }
    }

    @Test
    void aBurstOfWritesLongerThanAnyBufferArrivesInOrder() {
        try (QemuQ35 machine = EduDevice.machine()) {
            EduDevice edu = EduDevice.enable(machine);
            for (int i = 0; i < 20_000; i++) {
                machine.registers().write32(EduDevice.address() + 4, i);
            }
            assertEquals(~19_999, machine.registers().read32(EduDevice.address() + 4));
        }
    }

    @Test
    void theLevelOfAnInterruptLineIsSeenAtOnce() {
        try (QemuQ35 machine = EduDevice.machine()) {
            EduDevice edu = EduDevice.enable(machine);
            InterruptLines lines = machine.interruptLines().orElseThrow();
            assertEquals(24, lines.count());
            for (int turn = 0; turn < 100; turn++) {
                assertFalse(lines.asserted(EduDevice.GSI));
                edu.raise(1);
                assertTrue(lines.asserted(EduDevice.GSI));
                assertTrue(lines.asserted(EduDevice.GSI), "a level stays");
                edu.acknowledge(1);
            }
            assertFalse(lines.asserted(EduDevice.GSI));
            assertThrows(IllegalArgumentException.class, () -> lines.asserted(24));
        }
    }

    @Test
    void haltReturnsSoonWhenAnInterruptComesAndNotAfterTheDeadline() {
        try (QemuQ35 machine = EduDevice.machine()) {
            EduDevice edu = EduDevice.enable(machine);
            InterruptLines lines = machine.interruptLines().orElseThrow();
            edu.raise(1);
            long start = machine.cpu().nanoTime();
            long far = start + 60_000_000_000L;
            while (!lines.asserted(EduDevice.GSI)) {
                machine.cpu().halt(far);
            }
            assertTrue(machine.cpu().nanoTime() - start < 30_000_000_000L);
            long past = machine.cpu().nanoTime() - 1;
            machine.cpu().halt(past);
            machine.cpu().halt(Long.MIN_VALUE + past);
        }
    }

    @Test
    void anAccessThatIsRamOrNotAlignedIsRefused() {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            for (long pa : new long[] {0, 0x9fffc, MIB, 64 * MIB - 4, FOUR_GIB, FOUR_GIB + 64 * MIB - 4}) {
                IllegalArgumentException refused = assertThrows(
                        IllegalArgumentException.class,
                        () -> machine.registers().read32(pa),
                        Long.toHexString(pa));
                assertTrue(refused.getMessage().contains("RAM"), refused.getMessage());
            }
            for (long pa : new long[] {0xa0000, 0xffffc, 64 * MIB, FOUR_GIB - 4, FOUR_GIB + 64 * MIB, -4}) {
                machine.registers().read32(pa);
            }
            assertThrows(
                    IllegalArgumentException.class, () -> machine.registers().read32(0xd0000002L));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> machine.ports().orElseThrow().in16(0xffff));
        }
    }

    @Test
    void controlCommandsAreAnsweredAndRefusalsAreTold() {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            assertTrue(machine.qmp("query-status", Map.of()).path("running").asBoolean());
            QmpException refused =
                    assertThrows(QmpException.class, () -> machine.qmp("block_resize", Map.of("size", 512)));
            assertTrue(refused.getMessage().startsWith("QEMU refused block_resize: "), refused.getMessage());
            assertTrue(
                    machine.qmp("query-qmp-schema", Map.of()).size() > 500, "an answer larger than the first buffer");
            machine.qmp("system_powerdown", Map.of());
            Peer.await(() -> machine.qmpEvents().stream()
                    .anyMatch(event -> event.path("event").asText().equals("POWERDOWN")));
        }
    }

    @Test
    void anIdleMachineSaysNothingThatNobodyReads() {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            InterruptLines lines = machine.interruptLines().orElseThrow();
            long until = machine.cpu().nanoTime() + 500_000_000;
            while (machine.cpu().nanoTime() < until) {
                machine.cpu().halt(until);
            }
            for (int gsi = 0; gsi < lines.count(); gsi++) {
                assertFalse(lines.asserted(gsi), "line " + gsi);
            }
        }
    }

    @Test
    void twoMachinesRunSideBySide() {
        try (QemuQ35 first = QemuQ35.builder().build();
                QemuQ35 second = QemuQ35.builder().build()) {
            assertNotEquals(first.pid(), second.pid());
            first.ram().getFirst().segment().set(LITTLE_LONG, 0, 1);
            assertEquals(1, first.readAsQemu(0));
            assertEquals(0, second.readAsQemu(0));
        }
    }
}
