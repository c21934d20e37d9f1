package dev.postern.emulated.platform;

import dev.postern.emulated.platform.HostScript.Treatment;
import dev.postern.machine.PrivilegedActs;

/**
 * PVALIDATE, the GHCB MSR protocol and the C-bit of an SEV-SNP guest, with KVM's side of them (AMD64 APM volume 3, PVALIDATE;
 * GHCB specification 2.0, MSR protocol; Linux arch/x86/include/asm/sev-common.h for the numbers).
 *
 * <p>Where the architecture leaves a fault to the hypervisor, this one does not convert a page behind the guest's back, as KVM
 * with QEMU may: a guest must not rely on it, so it dies.
 */
final class SnpActs implements PrivilegedActs {

    private static final long C_BIT = 1L << X86Facts.C_BIT;
    private static final long INFO_BITS = 0xfff;
    private static final long FRAME_BITS = 0x000f_ffff_ffff_f000L;

    private static final int REGISTER_GHCB_REQUEST = 0x012;
    private static final int REGISTER_GHCB_RESPONSE = 0x013;
    private static final int PAGE_STATE_REQUEST = 0x014;
    private static final int PAGE_STATE_RESPONSE = 0x015;

    private static final int TO_PRIVATE = 1;
    private static final int TO_SHARED = 2;

    private static final long FAIL_INPUT = 1;
    private static final long FAIL_SIZE_MISMATCH = 6;

    private static final int SIZE_2M = 1;
    private static final long BYTES_2M = 1L << 21;

    private final GhcbMsr ghcb;
    private final SecureMemory memory;
    private final PrivatePages privatePages;
    private final HostScript host;
    private final PlatformErrors errors;

    SnpActs(GhcbMsr ghcb, SecureMemory memory, PrivatePages privatePages, HostScript host, PlatformErrors errors) {
        this.ghcb = ghcb;
        this.memory = memory;
        this.privatePages = privatePages;
        this.host = host;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        return switch (instruction) {
            case PVALIDATE -> pvalidate(Operands.of(operands, 3));
            case VMGEXIT -> new long[] {vmgexit(Operands.of(operands, 1)[0])};
            case TDCALL,
                    ULTRAVISOR_CALL,
                    HYPERVISOR_CALL,
                    SECURE_MONITOR_CALL,
                    UVC,
                    HYPERV_CALL,
                    XEN_HYPERCALL,
                    CACHE_CLEAN,
                    CACHE_INVALIDATE -> throw errors.undefined(instruction);
        };
    }

    // ---- PVALIDATE

    private long[] pvalidate(long[] operands) {
        long pa = operands[0];
        long size = operands[1];
        long validate = operands[2];
        long bytes = size == SIZE_2M ? BYTES_2M : memory.pageBytes();
        if ((pa & bytes - 1) != 0 || size < 0 || size > SIZE_2M || validate < 0 || validate > 1) {
            errors.note("pvalidate", "PVALIDATE of 0x%x, size %d, %d".formatted(pa, size, validate));
            return new long[] {FAIL_INPUT, 0};
        }
        if (!memory.isRam(pa, bytes)) {
            throw errors.fatal("outside-ram", "PVALIDATE of 0x%x, which is not RAM".formatted(pa));
        }
        if (size == SIZE_2M) {
            // The reverse map table has entries of 4 KiB here; trying the large size first is what guests do.
            return new long[] {FAIL_SIZE_MISMATCH, 0};
        }
        int page = memory.page(pa);
        if (memory.sharedByHost(page)) {
            throw errors.fatal(
                    "pvalidate",
                    "PVALIDATE of page 0x%x, which the hypervisor has not assigned to the guest".formatted(pa));
        }
        if (memory.validated(page) == (validate == 1)) {
            errors.note(
                    "pvalidate", "page 0x%x was %s already".formatted(pa, validate == 1 ? "validated" : "rescinded"));
            return new long[] {0, 1};
        }
        if (validate == 1) {
            memory.validate(page);
        } else {
            memory.rescind(page);
        }
        return new long[] {0, 0};
    }

    // ---- VMGEXIT

    private long vmgexit(long request) {
        return switch ((int) (request & INFO_BITS)) {
            case REGISTER_GHCB_REQUEST -> request & ~INFO_BITS | REGISTER_GHCB_RESPONSE;
            case PAGE_STATE_REQUEST -> changePageState(request);
            default -> ghcb.serve(request);
        };
    }

    private long changePageState(long request) {
        int operation = (int) (request >>> 52) & 0xf;
        long pa = request & FRAME_BITS;
        int page = memory.page(pa);
        if (operation != TO_PRIVATE && operation != TO_SHARED) {
            errors.note("page-state-change", "page state operation %d: 1 and 2 exist".formatted(operation));
            return answer(1);
        }
        if (page < 0) {
            errors.note("outside-ram", "page state change of 0x%x, which is not RAM".formatted(pa));
            return answer(1);
        }
        Treatment treatment = host.nextConversion();
        switch (treatment) {
            case FAIL -> {
                return answer(1);
            }
            case PRETEND -> {
                return answer(0);
            }
            case DO, GARBLE -> convert(page, operation);
        }
        // What makes no sense is an answer to another question.
        return treatment == Treatment.GARBLE ? ghcb.info() : answer(0);
    }

    private void convert(int page, int operation) {
        if (operation == TO_PRIVATE) {
            memory.assignPrivate(page);
            return;
        }
        if (!memory.sharedByHost(page) && memory.validated(page)) {
            // RMPUPDATE clears the validation all the same; the guest gave up its chance to notice a remapping.
            errors.note("rescind", "page 0x%x is shared without PVALIDATE before it".formatted(memory.pa(page)));
        }
        memory.assignShared(page);
        privatePages.converted(page);
    }

    private static long answer(long error) {
        return error << 32 | PAGE_STATE_RESPONSE;
    }

    // ---- page tables

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if ((addressBits & ~C_BIT) != 0) {
            throw errors.fatal(
                    "c-bit",
                    "page tables with address bits 0x%x, the C-bit is 0x%x: the next access faults"
                            .formatted(addressBits, C_BIT));
        }
        if (addressBits == 0) {
            memory.pages(basePa, length).forEach(memory::mapShared);
        } else {
            memory.pages(basePa, length).forEach(memory::mapPrivate);
        }
    }
}
