package dev.postern.attach;

import static dev.postern.attach.SecureCpu.operand;

import java.util.BitSet;
import java.util.OptionalLong;

/**
 * A guest's CPU under AMD SEV-SNP, and the reverse map table and hypervisor beneath it.
 *
 * <p>Facts: CPUID 0x8000001f and register 0xC0010131 (AMD64 Architecture Programmer's Manual volume 2, "Secure Encrypted
 * Virtualization"). PVALIDATE after volume 3: an input that is wrong is answered with 1, a page size other than the
 * table's with 6, no change with the carry flag, and a page that is not assigned to the guest with a nested page fault,
 * which ends it. Page state changes after the GHCB specification, "MSR protocol": request 0x014, response 0x015 whose
 * upper half is 0 for success; the hypervisor refuses what is not in the window.
 *
 * <p>All pages are of 4 KiB, and at the start all are assigned, validated and mapped with the C-bit. Rescinding the
 * validation of private RAM is refused here as a wrong input, though silicon would do it.
 */
final class SnpCpu implements SecureCpu {

    private static final int C_BIT_POSITION = 51;
    private static final long C_BIT = 1L << C_BIT_POSITION;

    private static final int HIGHEST_EXTENDED_LEAF = 0x80000000;
    private static final int ENCRYPTION_LEAF = 0x8000001f;
    /** SEV, SEV-ES, SEV-SNP. */
    private static final int ENCRYPTION_FEATURES = 1 << 1 | 1 << 3 | 1 << 4;

    private static final int SEV_STATUS = 0xc0010131;
    /** The same three, as they are on. */
    private static final long STATUS_BITS = 0b111;

    private static final long OK = 0;
    private static final long FAIL_INPUT = 1;
    private static final long FAIL_SIZE_MISMATCH = 6;

    private static final long REQUEST_MASK = 0xfff;
    private static final long PSC_REQUEST = 0x014;
    private static final long PSC_RESPONSE = 0x015;
    private static final long PSC_REFUSED = 1L << 32;
    private static final long FRAME_MASK = 0x000f_ffff_ffff_f000L;
    private static final int OPERATION_SHIFT = 52;
    private static final int TO_PRIVATE = 1;
    private static final int TO_SHARED = 2;

    private final WindowPages window;
    private final FatalFault fault;
    private final PageMapping encrypted;
    private final BitSet assigned = new BitSet();
    private final BitSet validated = new BitSet();

    SnpCpu(WindowPages window, FatalFault fault) {
        this.window = window;
        this.fault = fault;
        encrypted = new PageMapping(window);
        encrypted.setAll();
        assigned.set(0, window.count());
        validated.set(0, window.count());
    }

    @Override
    public Architecture architecture() {
        return Architecture.X86_64;
    }

    @Override
    public Cpuid cpuid(int leaf, int subleaf) {
        return switch (leaf) {
            // "AuthenticAMD" in EBX, EDX, ECX.
            case 0 -> new Cpuid(0x10, 0x68747541, 0x444d4163, 0x69746e65);
            case HIGHEST_EXTENDED_LEAF -> new Cpuid(ENCRYPTION_LEAF, 0x68747541, 0x444d4163, 0x69746e65);
            // EBX[11:6] says that the C-bit takes one bit from the addresses.
            case ENCRYPTION_LEAF -> new Cpuid(ENCRYPTION_FEATURES, 1 << 6 | C_BIT_POSITION, 0, 0);
            default -> Cpuid.NONE;
        };
    }

    @Override
    public OptionalLong register(int number) {
        return number == SEV_STATUS ? OptionalLong.of(STATUS_BITS) : OptionalLong.empty();
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        return switch (instruction) {
            case VMGEXIT -> new long[] {exit(operand(operands, 0))};
            case PVALIDATE -> validate(operand(operands, 0), operand(operands, 1), operand(operands, 2));
            case TDCALL,
                    ULTRAVISOR_CALL,
                    HYPERVISOR_CALL,
                    SECURE_MONITOR_CALL,
                    UVC,
                    HYPERV_CALL,
                    XEN_HYPERCALL,
                    CACHE_CLEAN,
                    CACHE_INVALIDATE ->
                throw fault.stop("%s is no instruction of SEV-SNP (#UD)".formatted(instruction));
        };
    }

    private long exit(long value) {
        if ((value & REQUEST_MASK) != PSC_REQUEST) {
            throw fault.stop("VMGEXIT with GHCB value 0x%x: the hypervisor serves page state changes (0x014) only"
                    .formatted(value));
        }
        long pa = value & FRAME_MASK;
        int operation = (int) (value >>> OPERATION_SHIFT);
        if (!window.contains(pa, WindowPages.PAGE) || operation != TO_PRIVATE && operation != TO_SHARED) {
            return PSC_RESPONSE | PSC_REFUSED;
        }
        int page = window.index(pa);
        if (assigned.get(page) != (operation == TO_PRIVATE)) {
            assigned.flip(page);
            // The table forgets the validation with every change (RMPUPDATE).
            validated.clear(page);
            window.scramble(pa);
        }
        return PSC_RESPONSE;
    }

    private long[] validate(long pa, long size, long state) {
        if (size < 0 || size > 1 || state < 0 || state > 1 || (pa & WindowPages.PAGE - 1) != 0) {
            return new long[] {FAIL_INPUT, 0};
        }
        boolean inWindow = window.contains(pa, WindowPages.PAGE);
        if (!inWindow && !window.isPrivateRam(pa) || inWindow && !assigned.get(window.index(pa))) {
            throw fault.stop(
                    "PVALIDATE of page 0x%x, which is not assigned to the guest (nested page fault)".formatted(pa));
        }
        if (size == 1) {
            return new long[] {FAIL_SIZE_MISMATCH, 0};
        }
        if (!inWindow) {
            return state == 1 ? new long[] {OK, 1} : new long[] {FAIL_INPUT, 0};
        }
        int page = window.index(pa);
        if (validated.get(page) == (state == 1)) {
            return new long[] {OK, 1};
        }
        validated.flip(page);
        return new long[] {OK, 0};
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        WindowPages.checkPages(basePa, length);
        if ((addressBits & ~C_BIT) != 0) {
            throw fault.stop("page-table entries with address bits 0x%x: only the C-bit %d exists (#PF, reserved bit)"
                    .formatted(addressBits, C_BIT_POSITION));
        }
        if (addressBits == 0 && window.touchesPrivateRam(basePa, length)) {
            throw fault.stop(
                    "private RAM from 0x%x mapped without the C-bit: it cannot be shared on this machine (nested page fault)"
                            .formatted(basePa));
        }
        encrypted.map(basePa, length, addressBits == 0 ? PageMapping.PageBit.CLEAR : PageMapping.PageBit.SET);
    }

    @Override
    public boolean shared(long pa) {
        return window.contains(pa, 1) && !assigned.get(window.index(pa));
    }
}
