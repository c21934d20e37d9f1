package dev.postern.emulated.platform;

import dev.postern.emulated.platform.HostScript.Treatment;
import dev.postern.machine.PrivilegedActs;

/**
 * The ultravisor calls of a protected virtual machine on IBM Z: query, set shared access and remove shared access (Linux
 * arch/s390/include/asm/uv.h for commands, codes and control blocks, arch/s390/boot/uv.c for how a guest knows itself). Page
 * tables have no bit for it: an access follows what the ultravisor has set.
 *
 * <p>The words of a control block are those behind its header, big-endian numbers: the address of the page is word 3 of a
 * share control block, behind three reserved ones. A control block may be cut down to its one meaningful word, the address. The
 * words that a query writes are the list of installed calls.
 */
final class UvcActs implements PrivilegedActs {

    private static final long QUERY = 0x0001;
    private static final long SET_SHARED_ACCESS = 0x1000;
    private static final long REMOVE_SHARED_ACCESS = 0x1001;

    /** Installed calls are numbered from the leftmost bit on: query is 0, set and remove shared access are 8 and 9. */
    private static final long INSTALLED = 1L << 63 | 1L << 63 - 8 | 1L << 63 - 9;

    private static final long OK = 0;
    private static final long ERROR = 1;

    private static final long EXECUTED = 0x0001;
    private static final long INVALID_COMMAND = 0x0002;

    /** From 0x0100 on, a code is the command's own; a guest tells it from EXECUTED and no more. */
    private static final long NOT_DONE = 0x0101;

    /** The command and as many words as a share control block has behind its header. */
    private static final int OPERANDS = 6;

    private static final int ADDRESS = 4;

    private final SecureMemory memory;
    private final PrivatePages privatePages;
    private final HostScript host;
    private final PlatformErrors errors;

    UvcActs(SecureMemory memory, PrivatePages privatePages, HostScript host, PlatformErrors errors) {
        this.memory = memory;
        this.privatePages = privatePages;
        this.host = host;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        if (instruction != Instruction.UVC) {
            throw errors.undefined(instruction);
        }
        long command = operands.length == 0 ? 0 : operands[0];
        if (command == QUERY) {
            return new long[] {OK, EXECUTED, INSTALLED, 0, 0, 0};
        }
        if (command != SET_SHARED_ACCESS && command != REMOVE_SHARED_ACCESS) {
            errors.note("command", "ultravisor call 0x%x, which is not installed".formatted(command));
            return new long[] {ERROR, INVALID_COMMAND};
        }
        long pa = operands.length == 2 ? operands[1] : Operands.of(operands, OPERANDS)[ADDRESS];
        return convert(pa, command) ? new long[] {OK, EXECUTED} : new long[] {ERROR, NOT_DONE};
    }

    private boolean convert(long pa, long command) {
        int page = memory.page(pa);
        if (page < 0 || pa % memory.pageBytes() != 0) {
            errors.note(
                    page < 0 ? "outside-ram" : "address",
                    "ultravisor call 0x%x of 0x%x, which is not a page of RAM".formatted(command, pa));
            return false;
        }
        boolean share = command == SET_SHARED_ACCESS;
        if (memory.sharedByHost(page) == share) {
            return true;
        }
        if (host.nextConversion() == Treatment.FAIL) {
            return false;
        }
        privatePages.converted(page);
        if (share) {
            memory.share(page);
        } else {
            memory.unshare(page);
        }
        return true;
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if (addressBits != 0) {
            throw errors.fatal(
                    "address-bits",
                    "page tables with address bits 0x%x: IBM Z has none, the next access faults"
                            .formatted(addressBits));
        }
    }
}
