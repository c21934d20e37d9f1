package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** What the guest leaves in the used ring, and what it takes from there. */
@OnEmulated
class UsedRingTest {

    private static final int EVENT_IDX = 29;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int USED_HEADER_BYTES = 4;
    private static final int USED_ELEMENT_BYTES = 8;
    /** Firmware's tables lie below. */
    private static final long FIRST_MEBIBYTE = 1 << 20;

    @Parameter
    Setting setting;

    @Test
    @Clause("split-ring:515")
    void theFlagsAreZeroWhenTheDeviceGetsTheRingWhateverTheMemoryHeld() throws Exception {
        List<Short> flags = new ArrayList<>();
        EmulatedMachine machine = machine();
        for (RamRegion region : machine.ram()) {
            long from = region.basePa() == 0 ? FIRST_MEBIBYTE : 0;
            region.segment().asSlice(from).fill((byte) 0xa5);
        }
        try (Trial trial =
                watched(machine, (used, size) -> flags.add(memory(machine, used).get(U16, 0)))) {
            Misbehaving.read(trial, 0, 1);
            assertEquals(List.of((short) 0), flags);
        }
    }

    @Test
    @Clause("split-ring:520")
    void theIndexThatTheDeviceWouldBeNotifiedAtIsIgnoredWithoutEventIdx() throws Exception {
        byte[] content = Misbehaving.content(setting);
        List<MemorySegment> fields = new ArrayList<>();
        EmulatedMachine machine = machine();
        try (Trial trial = watched(
                machine,
                (used, size) ->
                        fields.add(memory(machine, used + USED_HEADER_BYTES + (long) USED_ELEMENT_BYTES * size)))) {
            trial.disk(0).requestDeadline(Duration.ofSeconds(1));
            for (int turn = 0; turn < 64; turn++) {
                // Sometimes right, mostly far off: a guest that looked would hold its notification back.
                for (int off : new int[] {0, 1, -1, 100, 0x8000}) {
                    fields.getFirst().set(U16, 0, (short) (turn + off));
                    assertArrayEquals(Misbehaving.sector(content, turn), Misbehaving.read(trial, turn, 1));
                }
            }
            assertEquals(0, trial.disk(0).recoveries());
        }
    }

    private static EmulatedMachine machine() {
        return EmulatedMachine.builder().seed(Seed.value()).device(disk()).build();
    }

    /** One that says by its flag, not by an index, when it wants to be notified. */
    private static SeededDisk disk() {
        return SeededDisk.of(Misbehaving.SECTORS * Misbehaving.SECTOR, Misbehaving.CONTENT)
                .virtio(VirtioOptions.DEFAULTS.withhold(EVENT_IDX));
    }

    private Trial watched(EmulatedMachine machine, UsedRingWatch.Listener listener) throws Exception {
        long common;
        // Where it will be: the same machine gets the same places.
        try (Trial other = Trial.boot(setting, new LabMachine.Emulated(machine()))) {
            common = RawVirtio.of(other).getFirst().common();
        }
        return Trial.boot(
                setting,
                new LabMachine.Overlaid(
                        new LabMachine.Emulated(machine),
                        OverlaidMachine.registers(machine, inside -> new UsedRingWatch(inside, common, listener))));
    }

    private static MemorySegment memory(EmulatedMachine machine, long pa) {
        for (RamRegion region : machine.ram()) {
            if (region.contains(pa, Short.BYTES)) {
                return region.segment().asSlice(pa - region.basePa());
            }
        }
        throw new AssertionError("0x%x is not RAM".formatted(pa));
    }
}
