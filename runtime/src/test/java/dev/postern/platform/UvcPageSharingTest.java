package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class UvcPageSharingTest {

    private static final PhysRange PAGES = new PhysRange(0x10000, 0x2000);

    private final FakeActs acts = new FakeActs().on(Instruction.UVC, operands -> new long[] {0, 1});
    private final UvcPageSharing sharing = new UvcPageSharing(acts, List.of(new PhysRange(0, 1 << 20)));

    @Test
    void eachPageIsACallWithItsAddressInTheFourthWord() throws SharingFailedException {
        sharing.share(PAGES);
        assertEquals(List.of("UVC 1000 0 0 0 10000 0", "UVC 1000 0 0 0 11000 0"), acts.takeLog());
        sharing.unshare(PAGES);
        assertEquals(List.of("UVC 1001 0 0 0 10000 0", "UVC 1001 0 0 0 11000 0"), acts.takeLog());
        assertEquals(0x12345, sharing.sharedAlias(0x12345));
    }

    @Test
    void aBusyUltravisorIsAskedAgain() throws SharingFailedException {
        int[] busy = {5};
        acts.on(Instruction.UVC, operands -> new long[] {busy[0]-- > 0 ? 2 + busy[0] % 2 : 0, 1});
        sharing.share(new PhysRange(0x10000, 0x1000));
        assertEquals(6, acts.takeLog().size());
    }

    @Test
    void anUltravisorThatStaysBusyIsGivenUp() {
        acts.on(Instruction.UVC, operands -> new long[] {2, 0});
        assertEquals(
                0x10000,
                assertThrows(SharingFailedException.class, () -> sharing.share(PAGES))
                        .failedPa());
        assertEquals(UvcAnswer.MOST_CALLS, acts.takeLog().size());
    }

    @Test
    void aRefusalNamesItsPageAndWhatLiesBehindIsNotTouched() {
        acts.on(Instruction.UVC, operands -> operands[4] == 0x11000 ? new long[] {1, 5} : new long[] {0, 1});
        PhysRange three = new PhysRange(0x10000, 0x3000);
        assertEquals(
                0x11000,
                assertThrows(SharingFailedException.class, () -> sharing.share(three))
                        .failedPa());
        assertEquals(2, acts.takeLog().size());
        assertEquals(
                0x11000,
                assertThrows(SharingFailedException.class, () -> sharing.unshare(three))
                        .failedPa());
        assertEquals(2, acts.takeLog().size());
    }
}
