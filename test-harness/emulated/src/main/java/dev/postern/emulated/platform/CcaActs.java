package dev.postern.emulated.platform;

import dev.postern.emulated.platform.HostScript.Treatment;
import dev.postern.machine.PrivilegedActs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The realm services of an Arm CCA guest and the top bit of its addresses, which leads to the unprotected half of its address
 * space (Arm Realm Management Monitor specification, RSI_VERSION, RSI_REALM_CONFIG, RSI_IPA_STATE_SET and RSI_IPA_STATE_GET;
 * Linux arch/arm64/include/asm/rsi_smc.h and rsi_cmds.h for numbers and layouts, arch/arm64/kernel/rsi.c for the top bit).
 *
 * <p>A page whose state is EMPTY is the host's, at its unprotected alias; one whose state is RAM is the realm's. A realm reaches
 * its monitor by SMC; HVC is not for it.
 */
final class CcaActs implements PrivilegedActs {

    /** The width of the realm's intermediate physical addresses. */
    static final int IPA_BITS = 40;

    /** The bit that leads to the unprotected half. */
    static final long UNPROTECTED = 1L << IPA_BITS - 1;

    private static final int SMCCC_VERSION = 0x8000_0000;
    private static final int RSI_VERSION = 0xc400_0190;
    private static final int RSI_REALM_CONFIG = 0xc400_0196;
    private static final int RSI_IPA_STATE_SET = 0xc400_0197;
    private static final int RSI_IPA_STATE_GET = 0xc400_0198;

    private static final long NOT_SUPPORTED = -1;
    private static final long SMCCC_1_2 = 0x1_0002;
    private static final long RSI_1_0 = 0x1_0000;

    private static final long SUCCESS = 0;
    private static final long ERROR_INPUT = 1;

    private static final long ACCEPT = 0;
    private static final long REJECT = 1;

    private static final long EMPTY = 0;
    private static final long RAM = 1;
    private static final long CHANGE_DESTROYED = 1;

    /** What one level of the realm's translation tables spans: a change of state pauses at its border, and says how far it got. */
    private static final long TABLE_BYTES = 1L << 21;

    private static final int OPERANDS = 8;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SecureMemory memory;
    private final PrivatePages privatePages;
    private final HostScript host;
    private final PlatformErrors errors;

    CcaActs(SecureMemory memory, PrivatePages privatePages, HostScript host, PlatformErrors errors) {
        this.memory = memory;
        this.privatePages = privatePages;
        this.host = host;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        if (instruction != Instruction.SECURE_MONITOR_CALL) {
            throw errors.undefined(instruction);
        }
        long[] x = Operands.of(operands, OPERANDS);
        // The function is in W0, the low half.
        return switch ((int) x[0]) {
            case SMCCC_VERSION -> results(SMCCC_1_2, 0, 0);
            case RSI_VERSION -> results(x[1] == RSI_1_0 ? SUCCESS : ERROR_INPUT, RSI_1_0, RSI_1_0);
            case RSI_REALM_CONFIG -> results(writeConfig(x[1]), 0, 0);
            case RSI_IPA_STATE_SET -> setState(x[1], x[2], x[3], x[4]);
            case RSI_IPA_STATE_GET -> state(x[1], x[2]);
            // No error of the guest: asking is how it finds out.
            default -> results(NOT_SUPPORTED, 0, 0);
        };
    }

    private static long[] results(long x0, long x1, long x2) {
        return new long[] {x0, x1, x2, 0};
    }

    /** The width of addresses and the hash algorithm (0, SHA-256) in a page of the realm's own. */
    private long writeConfig(long pa) {
        int page = memory.page(pa);
        if (page < 0 || pa % memory.pageBytes() != 0 || memory.sharedByHost(page)) {
            errors.note(
                    "realm-config", "RSI_REALM_CONFIG to 0x%x: give a whole page that is the realm's".formatted(pa));
            return ERROR_INPUT;
        }
        MemorySegment config = memory.privateBacking(page).fill((byte) 0);
        config.set(LE64, 0, IPA_BITS);
        return SUCCESS;
    }

    private boolean isRange(long base, long top) {
        return (base | top) % memory.pageBytes() == 0 && base >= 0 && base < top && top <= UNPROTECTED;
    }

    // ---- RSI_IPA_STATE_SET

    private long[] setState(long base, long top, long state, long flags) {
        if (!isRange(base, top) || state != EMPTY && state != RAM || (flags & ~CHANGE_DESTROYED) != 0) {
            errors.note(
                    "ipa-state",
                    "RSI_IPA_STATE_SET from 0x%x to 0x%x, state %d, flags 0x%x: give pages of the protected half, state 0 or 1"
                            .formatted(base, top, state, flags));
            return results(ERROR_INPUT, 0, 0);
        }
        long end = Math.min(top, (base / TABLE_BYTES + 1) * TABLE_BYTES);
        for (long at = base; at < end; at += memory.pageBytes()) {
            int page = memory.page(at);
            if (page < 0) {
                errors.note("outside-ram", "RSI_IPA_STATE_SET of 0x%x, which is not RAM".formatted(at));
                return results(SUCCESS, at, REJECT);
            }
            if (memory.sharedByHost(page) != (state == EMPTY)) {
                if (host.nextConversion() == Treatment.FAIL) {
                    return results(SUCCESS, at, REJECT);
                }
                convert(page, state);
            }
        }
        return results(SUCCESS, end, ACCEPT);
    }

    private void convert(int page, long state) {
        if (state == EMPTY) {
            memory.assignShared(page);
            privatePages.converted(page);
        } else {
            // The monitor vouches for the page; there is nothing to accept.
            memory.assignPrivate(page);
            memory.validate(page);
        }
    }

    // ---- RSI_IPA_STATE_GET

    private long[] state(long base, long top) {
        if (!isRange(base, top)) {
            errors.note(
                    "ipa-state",
                    "RSI_IPA_STATE_GET from 0x%x to 0x%x: give pages of the protected half".formatted(base, top));
            return results(ERROR_INPUT, 0, 0);
        }
        long state = stateAt(base);
        long end = base + memory.pageBytes();
        while (end < top && stateAt(end) == state) {
            end += memory.pageBytes();
        }
        return results(SUCCESS, end, state);
    }

    /** What is not RAM has the state EMPTY: registers of emulated devices are the host's. */
    private long stateAt(long pa) {
        int page = memory.page(pa);
        return page < 0 || memory.sharedByHost(page) ? EMPTY : RAM;
    }

    // ---- page tables

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if ((addressBits & ~UNPROTECTED) != 0) {
            throw errors.fatal(
                    "address-bits",
                    "page tables with address bits 0x%x, the unprotected half is at 0x%x: the next access faults"
                            .formatted(addressBits, UNPROTECTED));
        }
        if (addressBits == 0) {
            memory.pages(basePa, length).forEach(memory::mapPrivate);
        } else {
            memory.pages(basePa, length).forEach(memory::mapShared);
        }
    }
}
