package dev.postern.xen;

import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.FakeGuest;
import dev.postern.platform.PlatformDetection;
import dev.postern.platform.UnknownPlatformException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The hypervisor's side of a grant table, by Xen's headers: it places frames, and reads and marks entries of version 1. */
final class FakeXen {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    final RamRegion ram;
    final FakeGuest guest;
    final FrameAllocator frames;
    /** Guest frame of each frame of the table. */
    final List<Long> placed = new ArrayList<>();

    int mostFrames = 2;
    long versionAnswer = 0;
    int versionInEffect = 1;
    long sizeAnswer = 0;
    int sizeStatus = 0;
    long placeAnswer = 0;

    FakeXen(RamRegion ram) {
        this.ram = ram;
        // Signature at 0x40000000: XenVMMXenVMM.
        guest = new FakeGuest(Architecture.X86_64)
                .leaf(0x40000000, 0x40000005, 0x566e6558, 0x65584d4d, 0x4d4d566e)
                .ram(ram);
        guest.acts().on(Instruction.XEN_HYPERCALL, operands -> new long[] {call(operands)});
        frames = new FrameAllocator(new PhysicalMemory(List.of(ram)), List.of());
    }

    XenServices services() throws UnknownPlatformException {
        DetectedPlatform platform = PlatformDetection.detect(guest);
        return XenServices.of(guest, platform, frames);
    }

    int flags(int reference) {
        return entry(reference).get(SHORT, 0) & 0xffff;
    }

    int domain(int reference) {
        return entry(reference).get(SHORT, 2) & 0xffff;
    }

    long frame(int reference) {
        return entry(reference).get(INT, 4) & 0xffff_ffffL;
    }

    /** The other domain maps the page, or lets go of it. */
    void setFlags(int reference, int flags) {
        entry(reference).set(SHORT, 0, (short) flags);
    }

    private MemorySegment entry(int reference) {
        long pa = placed.get(reference / 512) * 4096 + reference % 512 * 8;
        return ram.segment().asSlice(pa - ram.basePa(), 8);
    }

    private long call(long[] operands) {
        MemorySegment argument = ram.segment().asSlice(operands[2] - ram.basePa(), 24);
        if (operands[0] == 20 && operands[1] == 8) {
            requireOne(operands);
            if (argument.get(INT, 0) != 1) {
                throw new AssertionError("version " + argument.get(INT, 0));
            }
            argument.set(INT, 0, versionInEffect);
            return versionAnswer;
        }
        if (operands[0] == 20 && operands[1] == 6) {
            requireOne(operands);
            requireSelf(argument);
            argument.set(INT, 4, placed.size());
            argument.set(INT, 8, mostFrames);
            argument.set(SHORT, 12, (short) sizeStatus);
            return sizeAnswer;
        }
        if (operands[0] == 12 && operands[1] == 7) {
            requireSelf(argument);
            if (argument.get(INT, 4) != 1 || argument.get(LONG, 8) != placed.size()) {
                throw new AssertionError("space %d, index %d".formatted(argument.get(INT, 4), argument.get(LONG, 8)));
            }
            if (placeAnswer == 0) {
                placed.add(argument.get(LONG, 16));
            }
            return placeAnswer;
        }
        throw new AssertionError("unforeseen hypercall %d, %d".formatted(operands[0], operands[1]));
    }

    private static void requireOne(long[] operands) {
        if (operands[3] != 1) {
            throw new AssertionError("%d structures".formatted(operands[3]));
        }
    }

    private static void requireSelf(MemorySegment argument) {
        if (argument.get(SHORT, 0) != 0x7ff0) {
            throw new AssertionError("domain 0x%x".formatted(argument.get(SHORT, 0)));
        }
    }
}
