package dev.postern.emulated;

import dev.postern.machine.PrivilegedActs.Instruction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongUnaryOperator;

/** The tests' own Xen guest: raw hypercalls with their structures in RAM, and one page of grant table poked in place. */
final class PokedXen {

    static final int SELF = 0x7ff0;
    static final long ARGUMENT = 0xb_0000L;
    static final long LIST = 0xb_0800L;
    static final long TABLE = 0xb_1000L;
    static final long GRANT = 1L << 63;
    static final int PAGE = 4096;
    static final int PERMIT = 1;
    static final int READ_ONLY = 4;

    final EmulatedMachine machine;
    final MemorySegment ram;
    final int backend;

    /** A page's number in a grant. */
    final LongUnaryOperator number;

    PokedXen(EmulatedMachine machine, Platform platform) {
        this.machine = machine;
        this.ram = machine.ram().getFirst().segment();
        this.backend = platform == Platform.XEN_ARM ? 2 : 0;
        this.number = machine.xenStartInfoPa().isPresent() ? this::machineFrame : pa -> pa / PAGE;
    }

    static MachineBuilder machine(Platform platform, VirtioOptions options) {
        return EmulatedMachine.builder()
                .platform(platform)
                .ramBytes(8 << 20)
                .device(SeededDisk.of(1 << 20, 42).id("d0").virtio(options))
                .auditDevices();
    }

    /** From the list that start_info names. */
    long machineFrame(long pa) {
        long list = get64(machine.xenStartInfoPa().orElseThrow() + 104);
        return get64(list + pa / PAGE * 8);
    }

    long machineAddress(long pa) {
        return machineFrame(pa) * PAGE + pa % PAGE;
    }

    long hypercall(long... operands) {
        return machine.privilegedActs().orElseThrow().execute(Instruction.XEN_HYPERCALL, operands)[0];
    }

    void put16(long pa, int value) {
        ram.set(ValueLayout.JAVA_SHORT_UNALIGNED, pa, (short) value);
    }

    void put32(long pa, int value) {
        ram.set(ValueLayout.JAVA_INT_UNALIGNED, pa, value);
    }

    void put64(long pa, long value) {
        ram.set(ValueLayout.JAVA_LONG_UNALIGNED, pa, value);
    }

    int get16(long pa) {
        return ram.get(ValueLayout.JAVA_SHORT_UNALIGNED, pa) & 0xffff;
    }

    int get32(long pa) {
        return ram.get(ValueLayout.JAVA_INT_UNALIGNED, pa);
    }

    long get64(long pa) {
        return ram.get(ValueLayout.JAVA_LONG_UNALIGNED, pa);
    }

    long addToPhysmap(int domain, int space, long index, long frame) {
        put16(ARGUMENT, domain);
        put16(ARGUMENT + 2, 0);
        put32(ARGUMENT + 4, space);
        put64(ARGUMENT + 8, index);
        put64(ARGUMENT + 16, frame);
        return hypercall(12, 7, ARGUMENT);
    }

    PokedXen placeTable() {
        if (addToPhysmap(SELF, 1, 0, TABLE / PAGE) != 0) {
            throw new AssertionError("the table cannot be placed");
        }
        return this;
    }

    long setupTable(int domain, int frames, long list) {
        put16(ARGUMENT, domain);
        put32(ARGUMENT + 4, frames);
        put16(ARGUMENT + 8, 0x5555);
        put64(ARGUMENT + 16, list);
        return hypercall(20, 2, ARGUMENT, 1);
    }

    long entry(int reference) {
        return TABLE + 8L * reference;
    }

    int flags(int reference) {
        return get16(entry(reference));
    }

    /** Writes an entry, the flags last. */
    void grantFrame(int reference, long frame, int domain, int flags) {
        put16(entry(reference) + 2, domain);
        put32(entry(reference) + 4, (int) frame);
        put16(entry(reference), flags);
    }

    void grant(int reference, long pa, int flags) {
        grantFrame(reference, number.applyAsLong(pa), backend, flags);
    }

    void end(int reference) {
        put16(entry(reference), 0);
    }

    /** The device address of a byte of a page that was granted by a reference. */
    static long dva(int reference, long pa) {
        return GRANT | (long) reference << 12 | pa & PAGE - 1;
    }

    /** A disk that accepted ACCESS_PLATFORM, with its 64 KiB granted by references 16 to 31; other pages by their address as it is. */
    PokedDevice grantedDisk() {
        PokedDevice disk = PokedDevice.first(machine, 2);
        long base = disk.queueBase;
        for (int i = 0; i < 16; i++) {
            grant(16 + i, base + (long) i * PAGE, PERMIT);
        }
        return disk.addressing(pa -> pa >= base && pa < base + 0x1_0000 ? GRANT | (16L << 12) + (pa - base) : pa)
                .start(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM);
    }
}
