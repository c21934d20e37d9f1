package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * Arm CCA: the upper half of a realm's address space, where the highest address bit is set, is the host's; the lower half is private.
 * A page is shared by giving up its private state at the lower address (RIPAS EMPTY) and using it at the upper one; both the guest's
 * page table and devices then use that alias.
 *
 * <p>To share: set the bit in the page table, then ask the realm manager for EMPTY. To take back: ask for RAM, then clear the bit. In
 * that order the page table never leads to a private page in the state EMPTY, which would abort the access (Linux,
 * arch/arm64/mm/pageattr.c, __set_memory_enc_dec; arch/arm64/include/asm/rsi.h, rsi_set_memory_range; RSI_IPA_STATE_SET in
 * arch/arm64/include/asm/rsi_smc.h).
 */
final class RealmPageSharing extends GuestPageSharing {

    private static final long PAGE = 4096;

    private static final long RSI_IPA_STATE_SET = 0xc4000197L;
    private static final long RIPAS_EMPTY = 0;
    private static final long RIPAS_RAM = 1;
    /** The page may change even if the host has destroyed it: contents are lost either way. */
    private static final long CHANGE_DESTROYED = 1;

    private static final int X0 = 0;
    private static final int X1 = 1;
    private static final int X2 = 2;
    private static final long RSI_SUCCESS = 0;
    private static final long RSI_ACCEPT = 0;
    /** The realm manager may stop early as often as it likes, but must come closer to the end; without that, this often at one place. */
    static final int RETRIES_IN_PLACE = 3;

    private final PrivilegedActs acts;
    private final long sharedBit;

    RealmPageSharing(PrivilegedActs acts, int addressBits, List<PhysRange> shareable) {
        super(PAGE, shareable);
        this.acts = acts;
        sharedBit = 1L << addressBits - 1;
    }

    @Override
    public String mechanism() {
        return "realm services, shared at the alias with address bit %d"
                .formatted(Long.numberOfTrailingZeros(sharedBit));
    }

    @Override
    public long sharedAlias(long pa) {
        return pa | sharedBit;
    }

    @Override
    public void share(PhysRange pages) throws SharingFailedException {
        acts.mapPages(pages.basePa(), pages.length(), sharedBit);
        try {
            setState(pages, RIPAS_EMPTY, "shared");
        } catch (SharingFailedException e) {
            long behind = e.failedPa() + PAGE;
            if (behind < pages.endPa()) {
                // These are still private: their page-table entries go back.
                acts.mapPages(behind, pages.endPa() - behind, 0);
            }
            throw e;
        }
    }

    @Override
    public void unshare(PhysRange pages) throws SharingFailedException {
        try {
            setState(pages, RIPAS_RAM, "private");
        } catch (SharingFailedException e) {
            if (e.failedPa() > pages.basePa()) {
                acts.mapPages(pages.basePa(), e.failedPa() - pages.basePa(), 0);
            }
            throw e;
        }
        acts.mapPages(pages.basePa(), pages.length(), 0);
    }

    private void setState(PhysRange pages, long state, String word) throws SharingFailedException {
        long from = pages.basePa();
        int inPlace = 0;
        while (from < pages.endPa()) {
            long[] result = acts.execute(
                    Instruction.SECURE_MONITOR_CALL, RSI_IPA_STATE_SET, from, pages.endPa(), state, CHANGE_DESTROYED);
            long top = result[X1];
            // A host that refuses may have changed a part: what lies before the answer is done.
            long failedPa = result[X0] == RSI_SUCCESS
                            && result[X2] != RSI_ACCEPT
                            && top > from
                            && top < pages.endPa()
                            && top % PAGE == 0
                    ? top
                    : from;
            // How far it came must lie in what was asked for, on a page, and not go back.
            if (result[X0] != RSI_SUCCESS
                    || result[X2] != RSI_ACCEPT
                    || top < from
                    || top > pages.endPa()
                    || top % PAGE != 0
                    || top == from && ++inPlace > RETRIES_IN_PLACE) {
                throw new SharingFailedException(
                        "RSI_IPA_STATE_SET of 0x%x up to 0x%x to %s: status %d, done up to 0x%x, host's answer %d; page 0x%x is given up"
                                .formatted(from, pages.endPa(), word, result[X0], top, result[X2], failedPa),
                        failedPa);
            }
            inPlace = top == from ? inPlace : 0;
            from = top;
        }
    }
}
