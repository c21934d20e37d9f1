package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VtomPageSharingTest {

    private static final PhysRange PAGES = new PhysRange(0x10000, 0x3000);
    private static final long BOUNDARY = 1L << 46;

    private final FakeActs acts =
            new FakeActs().on(Instruction.HYPERV_CALL, operands -> new long[] {operands[0] & 0xfffL << 32});
    private final VtomPageSharing sharing = new VtomPageSharing(acts, 46, List.of(new PhysRange(0, 1 << 20)));

    @Test
    void sharingSetsTheBoundaryBitAndThenMakesThePagesVisible() throws SharingFailedException {
        sharing.share(PAGES);
        assertEquals(
                List.of("map 10000 3000 400000000000", "HYPERV_CALL 3000000db ffffffffffffffff 3 10 11 12"),
                acts.takeLog());
    }

    @Test
    void unsharingMakesThePagesInvisibleAndThenClearsTheBit() throws SharingFailedException {
        sharing.unshare(PAGES);
        assertEquals(List.of("HYPERV_CALL 3000000db ffffffffffffffff 0 10 11 12", "map 10000 3000 0"), acts.takeLog());
    }

    @Test
    void devicesUseTheAddressWithoutTheBoundaryBit() {
        assertEquals(0, sharing.sharedAlias(0x12345) & BOUNDARY);
        assertEquals(0x12345, sharing.sharedAlias(0x12345));
    }

    @Test
    void aLongListIsCutToWhatFitsInOneInput() throws SharingFailedException {
        List<Integer> words = new ArrayList<>();
        acts.on(Instruction.HYPERV_CALL, operands -> {
            words.add(operands.length);
            return new long[] {operands[0] & 0xfffL << 32};
        });
        sharing.unshare(new PhysRange(0x10000, 1022 * 4096L));
        assertEquals(List.of(513, 513, 5), words);
    }

    @Test
    void aCallThatStopsEarlyGoesOnFromTheFirstPageNotDone() throws SharingFailedException {
        acts.on(Instruction.HYPERV_CALL, operands -> new long[] {((operands[0] >>> 48) + 1) << 32});
        sharing.share(PAGES);
        assertEquals(
                List.of(
                        "map 10000 3000 400000000000",
                        "HYPERV_CALL 3000000db ffffffffffffffff 3 10 11 12",
                        "HYPERV_CALL 10003000000db ffffffffffffffff 3 10 11 12",
                        "HYPERV_CALL 20003000000db ffffffffffffffff 3 10 11 12"),
                acts.takeLog());
    }

    @Test
    void aRefusalLeavesWhatLiesBehindAsItWas() {
        acts.on(Instruction.HYPERV_CALL, operands -> new long[] {1L << 32 | 5});
        SharingFailedException refused = assertThrows(SharingFailedException.class, () -> sharing.share(PAGES));
        assertEquals(0x11000, refused.failedPa());
        assertTrue(refused.getMessage().contains("0x100000005"), refused.getMessage());
        assertEquals("map 12000 1000 0", acts.takeLog().getLast());
        assertEquals(
                0x11000,
                assertThrows(SharingFailedException.class, () -> sharing.unshare(PAGES))
                        .failedPa());
        assertEquals("map 10000 1000 0", acts.takeLog().getLast());
    }

    @Test
    void aRefusalInTheSecondListKeepsTheFirst() {
        acts.on(Instruction.HYPERV_CALL, operands ->
                new long[] {operands[3] == 0x10 ? operands[0] & 0xfffL << 32 : 0x71});
        PhysRange two = new PhysRange(0x10000, 512 * 4096L);
        long failed = 0x10000 + 510 * 4096L;
        assertEquals(
                failed,
                assertThrows(SharingFailedException.class, () -> sharing.unshare(two))
                        .failedPa());
        assertEquals("map 10000 1fe000 0", acts.takeLog().getLast());
    }

    @Test
    void aCountThatCannotBeIsNotBelieved() {
        for (long count : List.of(4L, 0xfffL)) {
            acts.on(Instruction.HYPERV_CALL, operands -> new long[] {count << 32});
            assertEquals(
                    0x10000,
                    assertThrows(SharingFailedException.class, () -> sharing.unshare(PAGES))
                            .failedPa());
        }
        acts.on(Instruction.HYPERV_CALL, operands -> new long[] {operands[0] >>> 48 == 0 ? 2L << 32 : 1L << 32});
        assertEquals(
                0x12000,
                assertThrows(SharingFailedException.class, () -> sharing.unshare(PAGES))
                        .failedPa());
    }

    @Test
    void aHypervisorThatMakesNoHeadwayIsGivenUp() {
        acts.on(Instruction.HYPERV_CALL, operands -> new long[] {0});
        assertThrows(SharingFailedException.class, () -> sharing.unshare(PAGES));
        assertEquals(VtomPageSharing.RETRIES_IN_PLACE + 1, acts.takeLog().size());
    }
}
