package dev.postern.emulated.platform;

import dev.postern.emulated.mischief.MisleadMapGpa;
import dev.postern.emulated.mischief.RetryMapGpa;
import dev.postern.emulated.mischief.SharingMischief;
import dev.postern.emulated.platform.HostScript.Treatment;
import dev.postern.machine.PrivilegedActs;

/**
 * TDCALL and the shared bit of a trust domain, with KVM's side of MapGPA (Intel TDX module base specification, TDG.VP.INFO,
 * TDG.MEM.PAGE.ACCEPT and TDG.VP.VMCALL; guest-host communication interface, MapGPA; Linux arch/x86/kvm/vmx/tdx.c and
 * arch/x86/include/asm/shared/tdx.h for checks and numbers).
 *
 * <p>A page that the guest accepts without the host having given it is an EPT violation, after which KVM with QEMU may convert
 * the page; this host does not, and the guest dies.
 */
final class TdxActs implements PrivilegedActs {

    private static final long SHARED_BIT = 1L << X86Facts.GPA_WIDTH - 1;
    private static final long PAGE_BITS = SHARED_BIT - 1 & ~0xfffL;

    private static final int VMCALL = 0;
    private static final int INFO = 1;
    private static final int ACCEPT = 6;

    private static final long GET_VMCALL_INFO = 0x10000;
    private static final long MAP_GPA = 0x10001;
    private static final long REPORT_FATAL_ERROR = 0x10003;

    private static final long STATUS_RETRY = 1;
    private static final long STATUS_INVALID_OPERAND = 0x8000_0000_0000_0000L;
    private static final long STATUS_ALIGN_ERROR = 0x8000_0000_0000_0002L;
    private static final long STATUS_UNSUPPORTED = 0x8000_0000_0000_0003L;

    private static final long ALREADY_ACCEPTED = 0x0000_0b0a_0000_0000L;
    private static final long SIZE_MISMATCH = 0xc000_0b0b_0000_0000L;

    /** The low half names the operand: 0 is RAX, 1 is RCX. */
    private static final long OPERAND_INVALID = 0xc000_0100_0000_0000L;

    /** TD attributes: no virtualization exception for private memory, which Linux insists on. */
    private static final long SEPT_VE_DISABLE = 1 << 28;

    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final int R8 = 3;
    private static final int R10 = 5;
    private static final int R11 = 6;
    private static final int R12 = 7;
    private static final int R13 = 8;
    private static final int REGISTERS = 11;

    /** The bits of R10 to R13 in the mask of registers that TDG.VP.VMCALL passes on. */
    private static final long NEEDED_REGISTERS = 0xf << 10;

    /** RAX, RCX and RSP cannot be passed on; above R15 there are only XMM registers, bits 16 to 31. */
    private static final long FORBIDDEN_REGISTERS = 0xffff_ffff_0000_0013L;

    private final SecureMemory memory;
    private final PrivatePages privatePages;
    private final HostScript host;
    private final PlatformErrors errors;

    TdxActs(SecureMemory memory, PrivatePages privatePages, HostScript host, PlatformErrors errors) {
        this.memory = memory;
        this.privatePages = privatePages;
        this.host = host;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        if (instruction != Instruction.TDCALL) {
            throw errors.undefined(instruction);
        }
        long[] registers = Operands.of(operands, REGISTERS);
        long leaf = registers[RAX];
        registers[RAX] = 0;
        if (leaf == VMCALL) {
            vmcall(registers);
        } else if (leaf == INFO) {
            info(registers);
        } else if (leaf == ACCEPT) {
            registers[RAX] = accept(registers[RCX]);
        } else {
            errors.note("leaf", "TDCALL leaf %s, which is not served".formatted(Long.toUnsignedString(leaf)));
            registers[RAX] = OPERAND_INVALID | RAX;
        }
        return registers;
    }

    private static void info(long[] registers) {
        registers[RCX] = X86Facts.GPA_WIDTH;
        registers[RDX] = SEPT_VE_DISABLE;
        // One virtual CPU now, one at most; this is number 0.
        registers[R8] = 1 | 1L << 32;
        for (int i = R8 + 1; i <= R11; i++) {
            registers[i] = 0;
        }
    }

    // ---- TDG.MEM.PAGE.ACCEPT

    private long accept(long operand) {
        long pa = operand & PAGE_BITS;
        int level = (int) (operand & 7);
        long bytes = memory.pageBytes() << 9 * level;
        if ((operand & ~PAGE_BITS & ~7L) != 0 || level > 2 || (pa & bytes - 1) != 0) {
            errors.note("accept", "TDG.MEM.PAGE.ACCEPT with RCX 0x%x".formatted(operand));
            return OPERAND_INVALID | RCX;
        }
        if (!memory.isRam(pa, memory.pageBytes())) {
            throw errors.fatal("outside-ram", "TDG.MEM.PAGE.ACCEPT of 0x%x, which is not RAM".formatted(pa));
        }
        if (level > 0) {
            // The secure page table has entries of 4 KiB here; trying a large size first is what guests do.
            return SIZE_MISMATCH;
        }
        int page = memory.page(pa);
        if (memory.sharedByHost(page)) {
            throw errors.fatal(
                    "accept", "TDG.MEM.PAGE.ACCEPT of page 0x%x, which the host has not given".formatted(pa));
        }
        if (memory.validated(page)) {
            errors.note("accept", "page 0x%x was accepted already".formatted(pa));
            return ALREADY_ACCEPTED;
        }
        memory.validate(page);
        return 0;
    }

    // ---- TDG.VP.VMCALL

    private void vmcall(long[] registers) {
        long mask = registers[RCX];
        if ((mask & FORBIDDEN_REGISTERS) != 0) {
            errors.note("register-mask", "TDG.VP.VMCALL with RCX 0x%x".formatted(mask));
            registers[RAX] = OPERAND_INVALID | RCX;
            return;
        }
        if ((mask & NEEDED_REGISTERS) != NEEDED_REGISTERS) {
            errors.note(
                    "register-mask",
                    "TDG.VP.VMCALL with RCX 0x%x: the host sees only registers whose bit is set, and R10 to R13 are needed"
                            .formatted(mask));
        }
        Answer answer = hostServes(
                passed(registers, mask, R10),
                passed(registers, mask, R11),
                passed(registers, mask, R12),
                passed(registers, mask, R13));
        if ((mask & 1 << 10) != 0) {
            registers[R10] = answer.status();
        }
        if ((mask & 1 << 11) != 0) {
            registers[R11] = answer.r11();
        }
    }

    /** What comes back in R10 and R11. */
    private record Answer(long status, long r11) {}

    private static long passed(long[] registers, long mask, int index) {
        int number = index - R8 + 8;
        return (mask & 1L << number) != 0 ? registers[index] : 0;
    }

    private Answer hostServes(long r10, long function, long r12, long r13) {
        if (r10 != 0) {
            errors.note("vmcall", "TDG.VP.VMCALL with R10 0x%x: 0 is the standard".formatted(r10));
            return new Answer(STATUS_INVALID_OPERAND, function);
        }
        if (function == MAP_GPA) {
            return mapGpa(r12, r13);
        }
        if (function == GET_VMCALL_INFO && r12 == 0) {
            return new Answer(0, 0);
        }
        if (function == REPORT_FATAL_ERROR) {
            throw errors.stopped("the guest reported a fatal error, code 0x%x".formatted(r12));
        }
        errors.note("vmcall", "TDG.VP.VMCALL function 0x%x, which is not served".formatted(function));
        return new Answer(STATUS_UNSUPPORTED, function);
    }

    private Answer mapGpa(long gpa, long size) {
        long start = gpa & ~SHARED_BIT;
        if (start < 0 || start >= SHARED_BIT || size <= 0 || size > SHARED_BIT - start) {
            errors.note(
                    "map-gpa",
                    "MapGPA of 0x%x, 0x%x bytes: addresses have %d bits, the highest is the shared bit"
                            .formatted(gpa, size, X86Facts.GPA_WIDTH));
            return new Answer(STATUS_INVALID_OPERAND, gpa);
        }
        if ((start | size) % memory.pageBytes() != 0) {
            errors.note("map-gpa", "MapGPA of 0x%x, 0x%x bytes: not whole pages".formatted(gpa, size));
            return new Answer(STATUS_ALIGN_ERROR, gpa);
        }
        if (!memory.isRam(start, size)) {
            errors.note("outside-ram", "MapGPA of 0x%x, 0x%x bytes: not RAM".formatted(gpa, size));
            return new Answer(STATUS_INVALID_OPERAND, gpa);
        }
        SharingMischief act = host.nextMapGpa();
        if (act instanceof MisleadMapGpa mislead) {
            return new Answer(STATUS_RETRY, gpa + mislead.nextOffset());
        }
        long served = act instanceof RetryMapGpa ? size / memory.pageBytes() / 2 * memory.pageBytes() : size;
        for (long done = 0; done < served; done += memory.pageBytes()) {
            Treatment treatment = host.nextConversion();
            if (treatment == Treatment.FAIL) {
                return new Answer(STATUS_INVALID_OPERAND, gpa + done);
            }
            if (treatment == Treatment.DO) {
                convert(memory.page(start + done), gpa);
            }
        }
        return served < size ? new Answer(STATUS_RETRY, gpa + served) : new Answer(0, 0);
    }

    private void convert(int page, long gpa) {
        if ((gpa & SHARED_BIT) == 0) {
            memory.assignPrivate(page);
        } else {
            memory.assignShared(page);
            privatePages.converted(page);
        }
    }

    // ---- page tables

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if ((addressBits & ~SHARED_BIT) != 0) {
            throw errors.fatal(
                    "shared-bit",
                    "page tables with address bits 0x%x, the shared bit is 0x%x: the next access faults"
                            .formatted(addressBits, SHARED_BIT));
        }
        if (addressBits == 0) {
            memory.pages(basePa, length).forEach(memory::mapPrivate);
        } else {
            memory.pages(basePa, length).forEach(memory::mapShared);
        }
    }
}
