package dev.postern.emulated.platform;

import dev.postern.emulated.platform.HostScript.Treatment;
import dev.postern.machine.PrivilegedActs;

/**
 * The ultravisor calls of a secure virtual machine (Linux Documentation/arch/powerpc/ultravisor.rst, "Ultracalls used by SVM";
 * arch/powerpc/include/asm/ultravisor-api.h and hvcall.h for the numbers). Page tables have no bit for it: an access follows
 * what the ultravisor has set.
 */
final class PefActs implements PrivilegedActs {

    private static final long SHARE_PAGE = 0xf130;
    private static final long UNSHARE_PAGE = 0xf134;
    private static final long UNSHARE_ALL_PAGES = 0xf140;

    private static final long SUCCESS = 0;
    private static final long FUNCTION = -2;
    private static final long PARAMETER = -4;
    private static final long P2 = -55;

    private static final int OPERANDS = 10;
    private static final int RESULTS = 5;

    private final SecureMemory memory;
    private final PrivatePages privatePages;
    private final HostScript host;
    private final PlatformErrors errors;

    PefActs(SecureMemory memory, PrivatePages privatePages, HostScript host, PlatformErrors errors) {
        this.memory = memory;
        this.privatePages = privatePages;
        this.host = host;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        if (instruction != Instruction.ULTRAVISOR_CALL) {
            throw errors.undefined(instruction);
        }
        long[] registers = Operands.of(operands, OPERANDS);
        long[] results = new long[RESULTS];
        results[0] = call(registers[0], registers[1], registers[2]);
        return results;
    }

    private long call(long number, long frame, long count) {
        if (number == UNSHARE_ALL_PAGES) {
            return unshareAll();
        }
        if (number != SHARE_PAGE && number != UNSHARE_PAGE) {
            errors.note("function", "ultravisor call 0x%x, which is not for a secure VM".formatted(number));
            return FUNCTION;
        }
        long first =
                frame < 0 || frame > Long.MAX_VALUE / memory.pageBytes() ? -1 : memory.page(frame * memory.pageBytes());
        if (first < 0) {
            errors.note("outside-ram", "ultravisor call 0x%x of page 0x%x, which is not RAM".formatted(number, frame));
            return PARAMETER;
        }
        if (count <= 0
                || count > memory.count()
                || !memory.isRam(frame * memory.pageBytes(), count * memory.pageBytes())) {
            errors.note(
                    "outside-ram",
                    "ultravisor call 0x%x of page 0x%x and %d pages: not all RAM".formatted(number, frame, count));
            return P2;
        }
        for (int page = (int) first; page < first + count; page++) {
            if (host.nextConversion() == Treatment.FAIL) {
                // The hypervisor has no page for it (H_SVM_PAGE_IN fails).
                return PARAMETER;
            }
            convert(page, number);
        }
        return SUCCESS;
    }

    private void convert(int page, long number) {
        privatePages.converted(page);
        if (number == SHARE_PAGE) {
            memory.share(page);
        } else {
            memory.unshare(page);
        }
    }

    private long unshareAll() {
        for (int page = 0; page < memory.count(); page++) {
            if (memory.sharedByHost(page)) {
                if (host.nextConversion() == Treatment.FAIL) {
                    return PARAMETER;
                }
                memory.unshare(page);
            }
        }
        return SUCCESS;
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if (addressBits != 0) {
            throw errors.fatal(
                    "address-bits",
                    "page tables with address bits 0x%x: POWER has none, the next access faults"
                            .formatted(addressBits));
        }
    }
}
