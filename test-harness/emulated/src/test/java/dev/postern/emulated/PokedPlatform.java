package dev.postern.emulated;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The tests' own way to share pages: raw acts, in the right order, with every answer returned or checked. */
final class PokedPlatform {

    static final long C_BIT = 1L << 51;
    static final long SEV_C_BIT = 1L << 47;
    static final long SHARED_BIT = 1L << 51;
    static final long UNPROTECTED = 1L << 39;
    static final long VTOM = 1L << 46;
    static final int PAGE = 4096;
    static final int LARGE_PAGE = 65536;

    /** Those whose memory is private until it is shared. */
    static final List<Platform> SECURE = Arrays.stream(Platform.values())
            .filter(Platform::keepsMemoryPrivate)
            .toList();

    /** The same and the plain machine, on which there is nothing to share. */
    static final List<Platform> PLAIN_AND_SECURE =
            Stream.concat(Stream.of(Platform.PLAIN), SECURE.stream()).toList();

    /** Those that let a device believe that it reached a private page, and keep the page from harm. */
    static final List<Platform> QUIET = List.of(
            Platform.SEV_SNP, Platform.TDX, Platform.PSERIES_SVM, Platform.CCA, Platform.S390_PV, Platform.HYPERV_VTOM);

    final Platform platform;
    final PrivilegedActs acts;

    PokedPlatform(EmulatedMachine machine, Platform platform) {
        this.platform = platform;
        this.acts = machine.privilegedActs().orElseThrow();
    }

    /** What the clauses of a platform's errors begin with. */
    static String prefix(Platform platform) {
        return platform == Platform.PSERIES_SVM ? "pef" : platform.platformName();
    }

    static MachineBuilder machine(Platform platform) {
        return EmulatedMachine.builder()
                .platform(platform)
                .ramBytes(8 << 20)
                .device(SeededDisk.of(1 << 20, 42).id("d0"));
    }

    /** A machine whose disk runs with its rings and buffers, 64 KiB from queueBase, shared. */
    static PokedDevice sharedDisk(EmulatedMachine machine, Platform platform) {
        PokedDevice disk = PokedDevice.first(machine, 2);
        new PokedPlatform(machine, platform).share(disk.queueBase, LARGE_PAGE);
        return disk.start(PokedDevice.VERSION_1);
    }

    long[] pvalidate(long pa, int validate) {
        return acts.execute(Instruction.PVALIDATE, pa, 0, validate);
    }

    /** A page state change: 1 to private, 2 to shared; the whole answer. */
    long pageState(long pa, int operation) {
        return acts.execute(Instruction.VMGEXIT, (long) operation << 52 | pa | 0x014)[0];
    }

    /** MapGPA with the registers R10 to R13 exposed: all eleven registers that come back. */
    long[] mapGpa(long gpa, long size) {
        return acts.execute(Instruction.TDCALL, 0, 0x3c00, 0, 0, 0, 0, 0x10001, gpa, size);
    }

    long accept(long pa) {
        return acts.execute(Instruction.TDCALL, 6, pa)[0];
    }

    long ultravisor(long... operands) {
        return acts.execute(Instruction.ULTRAVISOR_CALL, operands)[0];
    }

    /** A realm service: X0 to X3. */
    long[] rsi(long function, long... arguments) {
        long[] operands = new long[1 + arguments.length];
        operands[0] = function;
        System.arraycopy(arguments, 0, operands, 1, arguments.length);
        return acts.execute(Instruction.SECURE_MONITOR_CALL, operands);
    }

    /** Sets the state of a realm's pages, 0 empty or 1 RAM, in as many calls as it takes. */
    private void ipaState(long pa, long length, long state) {
        for (long at = pa; at < pa + length; ) {
            long[] x = rsi(0xc400_0197L, at, pa + length, state, 0);
            expect(0, x[0] | x[2]);
            at = x[1];
        }
    }

    /** The condition code and the return code of a share (0x1000) or unshare (0x1001). */
    long[] uvc(long command, long pa) {
        return acts.execute(Instruction.UVC, command, 0, 0, 0, pa, 0);
    }

    private void eachUvc(long command, long pa, long length) {
        for (long at = pa; at < pa + length; at += PAGE) {
            long[] codes = uvc(command, at);
            expect(0, codes[0]);
            expect(1, codes[1]);
        }
    }

    long[] hvc(long... operands) {
        return acts.execute(Instruction.HYPERVISOR_CALL, operands);
    }

    private void eachHvc(long function, long pa, long length) {
        for (long at = pa; at < pa + length; at += PAGE) {
            expect(0, hvc(function, at)[0]);
        }
    }

    /** Shows frames to the host (3) or hides them (0): the result word. */
    long hypervCall(long visibility, long... frames) {
        long[] operands = new long[3 + frames.length];
        operands[0] = (long) frames.length << 32 | 0xdb;
        operands[1] = -1;
        operands[2] = visibility;
        System.arraycopy(frames, 0, operands, 3, frames.length);
        return acts.execute(Instruction.HYPERV_CALL, operands)[0];
    }

    private void visibility(long pa, long length, long visibility) {
        long[] frames = LongStream.range(pa / PAGE, (pa + length) / PAGE).toArray();
        expect((long) frames.length << 32, hypervCall(visibility, frames));
    }

    /** The bit of a device's addresses that leads to the unprotected half of a realm; 0 on other machines. */
    static long dmaBit(EmulatedMachine machine) {
        if (machine.cpuFacts().orElseThrow().architecture() != CpuFacts.Architecture.AARCH64) {
            return 0;
        }
        long[] version =
                machine.privilegedActs().orElseThrow().execute(Instruction.SECURE_MONITOR_CALL, 0xc400_0190L, 0x1_0000);
        return version[0] == 0 ? UNPROTECTED : 0;
    }

    void share(long pa, long length) {
        switch (platform) {
            case PLAIN -> {}
            case SEV, SEV_ES -> acts.mapPages(pa, length, 0);
            case SEV_SNP -> {
                for (long at = pa; at < pa + length; at += PAGE) {
                    expect(0, pvalidate(at, 0)[1]);
                    expect(0x015, pageState(at, 2));
                }
                acts.mapPages(pa, length, 0);
            }
            case TDX -> {
                acts.mapPages(pa, length, SHARED_BIT);
                expect(0, mapGpa(pa | SHARED_BIT, length)[5]);
            }
            case CCA -> {
                acts.mapPages(pa, length, UNPROTECTED);
                ipaState(pa, length, 0);
            }
            case S390_PV -> eachUvc(0x1000, pa, length);
            case PKVM -> eachHvc(0xc600_0003L, pa, length);
            case HYPERV_VTOM -> {
                acts.mapPages(pa, length, VTOM);
                visibility(pa, length, 3);
            }
            case PSERIES_SVM -> expect(0, ultravisor(0xf130, pa / LARGE_PAGE, length / LARGE_PAGE));
            default -> throw new AssertionError("nothing is shared on " + platform);
        }
    }

    void unshare(long pa, long length) {
        switch (platform) {
            case PLAIN -> {}
            case SEV -> acts.mapPages(pa, length, SEV_C_BIT);
            case SEV_ES -> acts.mapPages(pa, length, C_BIT);
            case SEV_SNP -> {
                acts.mapPages(pa, length, C_BIT);
                for (long at = pa; at < pa + length; at += PAGE) {
                    expect(0x015, pageState(at, 1));
                    expect(0, pvalidate(at, 1)[1]);
                }
            }
            case TDX -> {
                expect(0, mapGpa(pa, length)[5]);
                for (long at = pa; at < pa + length; at += PAGE) {
                    expect(0, accept(at));
                }
                acts.mapPages(pa, length, 0);
            }
            case CCA -> {
                ipaState(pa, length, 1);
                acts.mapPages(pa, length, 0);
            }
            case S390_PV -> eachUvc(0x1001, pa, length);
            case PKVM -> eachHvc(0xc600_0004L, pa, length);
            case HYPERV_VTOM -> {
                visibility(pa, length, 0);
                acts.mapPages(pa, length, 0);
            }
            case PSERIES_SVM -> expect(0, ultravisor(0xf134, pa / LARGE_PAGE, length / LARGE_PAGE));
            default -> throw new AssertionError("nothing is shared on " + platform);
        }
    }

    private static void expect(long expected, long actual) {
        if (expected != actual) {
            throw new AssertionError("expected 0x%x, got 0x%x".formatted(expected, actual));
        }
    }

    /** A block request with its data anywhere; the status byte, or -1 when it was not answered. Type 1 writes the disk. */
    static int transfer(PokedDevice disk, int type, long sector, long dataPa, int length) {
        disk.header(type, sector);
        disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
        disk.descriptor(1, dataPa, length, type == 1 ? PokedDevice.NEXT : PokedDevice.NEXT | PokedDevice.WRITE, 2);
        disk.descriptor(2, disk.statusByte(), 1, PokedDevice.WRITE, 0);
        int before = disk.usedIndex();
        disk.offer(0);
        disk.kick(0);
        return disk.waitUsed(before + 1) ? disk.get8(disk.statusByte()) : -1;
    }

    /** What a sector of the disk holds, by way of a shared buffer. */
    static byte[] sector(PokedDevice disk, long sector) {
        if (transfer(disk, 0, sector, disk.data(), 512) != 0) {
            throw new AssertionError("sector " + sector + " cannot be read");
        }
        return disk.data(512);
    }

    static byte[] bytes(PokedDevice disk, long pa) {
        return disk.ram.asSlice(pa, 512).toArray(ValueLayout.JAVA_BYTE);
    }

    static void put(PokedDevice disk, long pa, byte[] bytes) {
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, disk.ram, pa, bytes.length);
    }

    /** 512 bytes that are no noise. */
    static byte[] text(String word) {
        byte[] bytes = new byte[512];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) word.charAt(i % word.length());
        }
        return bytes;
    }
}
