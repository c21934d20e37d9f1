package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.RamRegion;
import dev.postern.xen.MachineFrames;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Pages of RAM scattered over a machine, and a device there, which fails the test when it meets what is not the guest's. */
public final class FakeMachineFrames implements MachineFrames {

    /** No address of the machine is one of the guest. */
    public static final long BASE = 0x40_0000_0000L;

    private final TestRam ram;
    private final Map<Long, Long> machineOfPage = new HashMap<>();
    private final Map<Long, Long> pageOfMachine = new HashMap<>();

    /**
     * Scatters them.
     *
     * @param seed decides where
     * @param together so many pages stay together; the next ones never follow them
     */
    public FakeMachineFrames(TestRam ram, long seed, int together) {
        this.ram = ram;
        List<Long> pages = new ArrayList<>();
        for (RamRegion region : ram.frames().memory().regions()) {
            for (long pa = region.basePa(); pa < region.endPa(); pa += PAGE_BYTES) {
                pages.add(pa);
            }
        }
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < pages.size() / together + 1; i++) {
            places.add(i);
        }
        Collections.shuffle(places, new Random(seed));
        for (int i = 0; i < pages.size(); i++) {
            long frame = (long) places.get(i / together) * (together + 1) + i % together;
            machineOfPage.put(pages.get(i), BASE + frame * PAGE_BYTES);
            pageOfMachine.put(BASE + frame * PAGE_BYTES, pages.get(i));
        }
    }

    @Override
    public long machineAddress(long pa) {
        Long machine = machineOfPage.get(pa & -PAGE_BYTES);
        assertNotNull(machine, "0x%x is not RAM".formatted(pa));
        return machine + (pa & PAGE_BYTES - 1);
    }

    /** Puts a page elsewhere in the machine. */
    public void place(long pa, long machine) {
        pageOfMachine.remove(machineOfPage.put(pa & -PAGE_BYTES, machine));
        pageOfMachine.put(machine, pa & -PAGE_BYTES);
    }

    /** Whether the pages of a range follow each other in the machine. */
    public boolean follows(long pa, long length) {
        return machineAddress(pa + length - 1) == machineAddress(pa) + length - 1;
    }

    /** The device reads. */
    public byte[] read(long machine, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = ram.get(paOf(machine + i), 1)[0];
        }
        return bytes;
    }

    /** The device writes. */
    public void write(long machine, byte... bytes) {
        for (int i = 0; i < bytes.length; ) {
            int here = (int) Math.min(bytes.length - i, PAGE_BYTES - (machine + i & PAGE_BYTES - 1));
            ram.at(paOf(machine + i), here)
                    .copyFrom(MemorySegment.ofArray(bytes).asSlice(i, here));
            i += here;
        }
    }

    private long paOf(long machine) {
        Long page = pageOfMachine.get(machine & -PAGE_BYTES);
        assertTrue(page != null, "machine address 0x%x is not the guest's".formatted(machine));
        return page + (machine & PAGE_BYTES - 1);
    }
}
