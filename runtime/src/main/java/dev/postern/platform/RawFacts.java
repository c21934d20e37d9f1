package dev.postern.platform;

import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;

/**
 * What a detection may ask, and the trace of what it was told. Belongs to one detection, on one thread.
 */
final class RawFacts {

    /** No page table has address bits below that which could tell private from shared memory. */
    private static final int LOWEST_BIT = 32;
    /** The highest physical address bit of a page-table entry on x86-64 and Arm. */
    private static final int HIGHEST_BIT = 51;

    private final CpuFacts cpu;
    private final PrivilegedActs acts;
    private final List<RamRegion> ram;
    private final List<PhysRange> shareable;
    private final Optional<DeviceTree> tree;
    private final List<Fact<String>> trace;

    RawFacts(
            CpuFacts cpu,
            PrivilegedActs acts,
            List<RamRegion> ram,
            List<PhysRange> shareable,
            Optional<DeviceTree> tree,
            List<Fact<String>> trace) {
        this.cpu = cpu;
        this.acts = acts;
        this.ram = List.copyOf(ram);
        this.shareable = List.copyOf(shareable);
        this.tree = tree;
        this.trace = trace;
    }

    CpuFacts cpu() {
        return cpu;
    }

    PrivilegedActs acts() {
        return acts;
    }

    List<RamRegion> ram() {
        return ram;
    }

    /** Where shared memory may be taken from. */
    List<PhysRange> shareable() {
        return shareable;
    }

    Optional<DeviceTree> tree() {
        return tree;
    }

    void note(String what, String where) {
        trace.add(Fact.of(what, where));
    }

    /**
     * Checks an address bit that is said to tell private from shared memory: were it part of RAM's own addresses, or none that a page
     * table has, sharing would hit other pages.
     *
     * @param where it was read
     */
    int addressBit(int bit, String where) throws UnknownPlatformException {
        if (bit < LOWEST_BIT || bit > HIGHEST_BIT) {
            throw new UnknownPlatformException(
                    "address bit %d cannot tell private from shared memory (%s): %d to %d are possible; start the guest with another CPU model"
                            .formatted(bit, where, LOWEST_BIT, HIGHEST_BIT));
        }
        long end = ram.getLast().endPa();
        if (end > 1L << bit) {
            throw new UnknownPlatformException(
                    "RAM ends at 0x%x, above the address bit %d that tells private from shared memory (%s): give the guest less memory"
                            .formatted(end, bit, where));
        }
        return bit;
    }
}
